<?php

declare(strict_types=1);

namespace CallGuard\Box;

/** An HTTP answer, as far as it is needed. */
final class Answer
{
    public int $status;
    public string $body;

    private function __construct(int $status, string $body)
    {
        $this->status = $status;
        $this->body = $body;
    }

    /** Null for what is no HTTP answer. */
    public static function parsed(string $received): ?self
    {
        if (preg_match('~^HTTP/1\.[01] (\d{3})~', $received, $found) !== 1) {
            return null;
        }
        $parts = explode("\r\n\r\n", $received, 2);

        return new self((int) $found[1], $parts[1] ?? '');
    }
}
