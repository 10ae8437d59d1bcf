<?php

declare(strict_types=1);

namespace CallGuard\Box;

/** What token.php answers. */
final class TokenAnswer
{
    private int $status;
    private array $body;

    private function __construct(int $status, array $body)
    {
        $this->status = $status;
        $this->body = $body;
    }

    /** @param array $server $_SERVER */
    public static function to(array $server, int $now): self
    {
        // Browsers say where a request comes from (Sec-Fetch-Site); other sites could not read the answer anyway.
        if (!in_array($server['HTTP_SEC_FETCH_SITE'] ?? 'same-origin', ['same-origin', 'none'], true)) {
            return new self(403, ['error' => 'Only pages of this portal may ask.']);
        }
        if (($server['REQUEST_METHOD'] ?? 'GET') !== 'GET') {
            return new self(405, ['error' => 'Only GET.']);
        }
        $person = Person::current();
        if ($person === null) {
            return new self(401, ['error' => 'Nobody is signed in.']);
        }
        $settings = Settings::load();
        if ($settings === null) {
            return new self(503, ['error' => 'The package is not set up; the server\'s PHP log says why.']);
        }

        return new self(200, [
            'token' => CardToken::issue($person, $settings->secret, $now),
            'expires_in' => CardToken::LIFETIME,
        ]);
    }

    public function send(): void
    {
        http_response_code($this->status);
        header('Content-Type: application/json; charset=utf-8');
        header('Cache-Control: no-store, private');
        header('X-Content-Type-Options: nosniff');
        echo json_encode($this->body, JSON_THROW_ON_ERROR);
    }
}
