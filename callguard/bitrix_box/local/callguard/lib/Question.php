<?php

declare(strict_types=1);

namespace CallGuard\Box;

/**
 * One GET that takes no longer than it may, whatever the other side does.
 *
 * PHP's own time-outs count each step anew (connecting, the TLS handshake, every read), so a server that drips a byte a
 * second would hold a save for ever. Here all steps share one deadline. Only the look-up of a host name is the system's.
 */
final class Question
{
    private const ENOUGH = 65536; // bytes; our answers have some hundred
    private const AT_ONCE = 8192;

    /** @var resource */
    private $stream;
    private float $deadline;

    private function __construct($stream, float $deadline)
    {
        $this->stream = $stream;
        $this->deadline = $deadline;
    }

    /**
     * @param string[] $headers
     * @param float $patience seconds for everything together
     */
    public static function ask(string $url, array $headers, float $patience): ?Answer
    {
        $deadline = microtime(true) + $patience;
        $to = parse_url($url);
        if (!isset($to['host'])) {
            return null;
        }
        $isSecure = ($to['scheme'] ?? '') === 'https';
        $port = $to['port'] ?? ($isSecure ? 443 : 80);
        $context = stream_context_create(['ssl' => ['peer_name' => trim($to['host'], '[]')]]);
        $stream = @stream_socket_client("tcp://{$to['host']}:$port", $code, $error, $patience, STREAM_CLIENT_CONNECT, $context);
        if ($stream === false) {
            return null;
        }
        $question = new self($stream, $deadline);
        try {
            stream_set_blocking($stream, false);
            $isAsked = (!$isSecure || $question->encrypt()) && $question->write(self::request($to, $headers));

            return $isAsked ? Answer::parsed($question->read()) : null;
        } finally {
            fclose($stream);
        }
    }

    private static function request(array $to, array $headers): string
    {
        $path = ($to['path'] ?? '/') . (isset($to['query']) ? '?' . $to['query'] : '');
        $host = $to['host'] . (isset($to['port']) ? ':' . $to['port'] : '');

        return implode("\r\n", ["GET $path HTTP/1.1", "Host: $host", 'Connection: close', ...$headers, '', '']);
    }

    private function encrypt(): bool
    {
        do {
            $isDone = @stream_socket_enable_crypto($this->stream, true, STREAM_CRYPTO_METHOD_TLS_CLIENT);
        } while ($isDone === 0 && $this->waits());

        return $isDone === true;
    }

    private function write(string $request): bool
    {
        while ($request !== '') {
            $sent = @fwrite($this->stream, $request);
            if ($sent === false || ($sent === 0 && !$this->waits(true))) {
                return false;
            }
            $request = substr($request, $sent);
        }

        return true;
    }

    /** Everything until the other side closes; nothing when it does not in time. */
    private function read(): string
    {
        $received = '';
        do {
            $part = @fread($this->stream, self::AT_ONCE);
            if ($part === false || strlen($received) > self::ENOUGH) {
                return '';
            }
            $received .= $part;
            // not feof(): on some PHPs it waits by itself, beyond our deadline
            $isOver = $part === '' && stream_get_meta_data($this->stream)['eof'];
        } while (!$isOver && ($part !== '' || $this->waits()));

        return $isOver ? $received : '';
    }

    /** Whether the stream has something for us, or takes something, before the deadline. */
    private function waits(bool $toWrite = false): bool
    {
        $left = $this->deadline - microtime(true);
        if ($left <= 0) {
            return false;
        }
        $read = $toWrite ? null : [$this->stream];
        $write = $toWrite ? [$this->stream] : null;
        $except = null;

        return (int) @stream_select($read, $write, $except, (int) $left, (int) (($left - (int) $left) * 1e6)) > 0;
    }
}
