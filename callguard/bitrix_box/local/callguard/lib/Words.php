<?php

declare(strict_types=1);

namespace CallGuard\Box;

/** What people read, in the language of the portal's page, and in its encoding. */
final class Words
{
    public static function reference(): string
    {
        return self::said('Статус компании', 'Company status');
    }

    public static function refusal(): string
    {
        return self::said(
            'Статус компании меняет руководитель её ответственного или администратор портала. Остальные правки '
            . 'сохранятся, если вернуть прежний статус.',
            'The status of a company is changed by the manager of its responsible or by an administrator of the portal. '
            . 'Your other changes will be saved once the status is as it was.'
        );
    }

    private static function said(string $russian, string $english): string
    {
        $text = defined('LANGUAGE_ID') && !in_array(LANGUAGE_ID, ['ru', 'ua', 'by', 'kz'], true) ? $english : $russian;
        $charset = defined('SITE_CHARSET') ? (string) SITE_CHARSET : 'UTF-8';
        if (strcasecmp($charset, 'UTF-8') === 0) {
            return $text;
        }
        $converted = iconv('UTF-8', $charset . '//TRANSLIT', $text); // portals before 2023 may live in windows-1251

        return $converted === false ? $english : $converted;
    }
}
