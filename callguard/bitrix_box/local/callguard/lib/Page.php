<?php

declare(strict_types=1);

namespace CallGuard\Box;

use Bitrix\Main\Context;
use Bitrix\Main\Page\Asset;

/** main:OnEpilog: the card script in the head of the portal's pages. */
final class Page
{
    private const TOKEN_URL = '/local/callguard/token.php';

    /**
     * OnEpilog comes on whole pages only, and before the head is put together (docs: "Порядок выполнения страницы").
     * In the head, not in the body: the call window of the desktop application copies nothing but the head.
     */
    public static function addScript(): void
    {
        try {
            $settings = self::isWanted() ? Settings::load() : null;
            if ($settings !== null) {
                Asset::getInstance()->addString(self::tag($settings->address), true);
            }
        } catch (\Throwable $error) { // a page without our script is better than no page
            Log::write('the card script was not added: ' . $error->getMessage());
        }
    }

    /** Signed in, and a page that can hold a card: not the admin section, no AJAX, not the inside of a slider. */
    private static function isWanted(): bool
    {
        $request = Context::getCurrent()->getRequest();

        return Person::current() !== null
            && !$request->isAdminSection()
            && !$request->isAjaxRequest()
            && !defined('PUBLIC_AJAX_MODE')
            && $request->get('IFRAME') !== 'Y';
    }

    /** data-skip-moving: or the portal's option "move JavaScript to the end of the page" takes it out of the head. */
    private static function tag(string $address): string
    {
        return sprintf(
            '<script src="%s" data-api="%s" data-token-url="%s" data-skip-moving="true" defer></script>',
            self::escaped($address . '/static/callguard/card.min.js'),
            self::escaped($address),
            self::TOKEN_URL
        );
    }

    private static function escaped(string $text): string
    {
        return htmlspecialchars($text, ENT_QUOTES, 'UTF-8');
    }
}
