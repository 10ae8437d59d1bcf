<?php

declare(strict_types=1);

namespace CallGuard\Box;

/** One line for the administrator, where PHP writes its errors. Never a secret, never a person's data. */
final class Log
{
    public static function write(string $line): void
    {
        error_log('callguard: ' . $line);
    }
}
