<?php

declare(strict_types=1);

namespace CallGuard\Box;

/** A card token: a JWT (HS256) by which the portal vouches for one of its people before Call Guard. */
final class CardToken
{
    /** Seconds. Short, for a page holds it; the script asks for the next one by itself. */
    public const LIFETIME = 900;

    public static function issue(Person $person, string $secret, int $now): string
    {
        $claims = [
            'sub' => (string) $person->id,
            'aud' => 'callguard',
            'exp' => $now + self::LIFETIME,
            'adm' => $person->isAdmin,
        ];
        $signed = self::encoded(self::json(['alg' => 'HS256', 'typ' => 'JWT'])) . '.' . self::encoded(self::json($claims));

        return $signed . '.' . self::encoded(hash_hmac('sha256', $signed, $secret, true));
    }

    private static function json(array $values): string
    {
        return json_encode($values, JSON_THROW_ON_ERROR);
    }

    /** base64url without padding (RFC 7515, §2). */
    private static function encoded(string $bytes): string
    {
        return rtrim(strtr(base64_encode($bytes), '+/', '-_'), '=');
    }
}
