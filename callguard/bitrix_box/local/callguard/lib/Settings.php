<?php

declare(strict_types=1);

namespace CallGuard\Box;

/** What config.php says; the file is written by Call Guard when it makes the package. */
final class Settings
{
    private const FILE = __DIR__ . '/../config.php';

    private static ?self $loaded = null;
    private static bool $tried = false;

    /** Call Guard's own address, without a slash at its end. */
    public string $address;
    /** CARD_TOKEN_SECRET. It signs tokens and leaves this server never. */
    public string $secret;
    /** The company field that holds the status. */
    public string $statusField;
    /** ENTITY_ID of the reference behind that field. */
    public string $reference;

    private function __construct(array $values)
    {
        $this->address = rtrim((string) $values['address'], '/');
        $this->secret = (string) $values['secret'];
        $this->statusField = (string) $values['status_field'];
        $this->reference = (string) $values['reference'];
    }

    /** Null when the file is missing, not readable or not whole: then the package keeps still, and the log says why. */
    public static function load(): ?self
    {
        if (!self::$tried) {
            self::$tried = true;
            self::$loaded = self::read();
        }

        return self::$loaded;
    }

    private static function read(): ?self
    {
        if (!is_readable(self::FILE)) {
            Log::write('config.php is missing or not readable for the web server: unpack the package again, check its owner');

            return null;
        }
        $values = include self::FILE;
        $lacking = array_filter(
            ['address', 'secret', 'status_field', 'reference'],
            static fn (string $name): bool => !is_array($values) || !is_string($values[$name] ?? null) || $values[$name] === ''
        );
        if ($lacking !== []) {
            Log::write('config.php lacks ' . implode(', ', $lacking) . ': take a new package from Call Guard');

            return null;
        }

        return new self($values);
    }
}
