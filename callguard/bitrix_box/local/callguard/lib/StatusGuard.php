<?php

declare(strict_types=1);

namespace CallGuard\Box;

/**
 * crm:OnBeforeCrmCompanyUpdate: a change of the status by somebody who may not is refused before it is saved.
 *
 * Whoever cannot be asked about, and whenever Call Guard does not answer in time, the change is let through: its guard
 * looks at it afterwards. A portal must not stand still because of us.
 */
final class StatusGuard
{
    /** Seconds that a save may wait for Call Guard, connecting and reading together. */
    private const PATIENCE = 1.0;
    /** `type` of Call Guard's own refusal. A 403 of a proxy in between has none. */
    private const REFUSED = 'urn:callguard:problem:permission-denied';

    /** Call Guard was silent already in this request: a mass edit waits once, not once a company. */
    private static bool $isSilent = false;

    /** @param array $fields of the company that is to be saved; RESULT_MESSAGE is what its form shows */
    public static function check(array &$fields): bool
    {
        try {
            $isRefused = self::isRefused($fields);
        } catch (\Throwable $error) {
            Log::write('a change of a status was not checked: ' . $error->getMessage());
            $isRefused = false;
        }
        if ($isRefused) {
            $fields['RESULT_MESSAGE'] = Words::refusal();
        }

        return !$isRefused;
    }

    private static function isRefused(array $fields): bool
    {
        $settings = Settings::load();
        if ($settings === null || !array_key_exists($settings->statusField, $fields)) {
            return false;
        }
        $person = self::author($fields);
        if ($person === null || $person->isAdmin) {
            return false;
        }
        $company = self::stored((int) ($fields['ID'] ?? 0), $settings->statusField);
        if ($company === null || self::plain($company[$settings->statusField] ?? '') === self::plain($fields[$settings->statusField])) {
            return false; // forms send every field, changed or not
        }
        $responsibles = [(int) $company['ASSIGNED_BY_ID'], (int) ($fields['ASSIGNED_BY_ID'] ?? 0)];

        return self::answerSaysNo($settings, $person, (int) $fields['ID'], $responsibles);
    }

    /**
     * The person in whose name this is saved; null when it is a program's doing. The CRM has put the author into
     * MODIFY_BY_ID by now: robots and workflows run within people's requests, but under 0 or somebody else's ID.
     */
    private static function author(array $fields): ?Person
    {
        $person = Person::current();
        $isOwnDoing = $person !== null && (int) ($fields['MODIFY_BY_ID'] ?? $person->id) === $person->id;

        return $isOwnDoing ? $person : null;
    }

    /** The company as it is before this change. */
    private static function stored(int $id, string $field): ?array
    {
        if ($id <= 0) {
            return null;
        }
        $filter = ['=ID' => $id, 'CHECK_PERMISSIONS' => 'N'];
        $row = \CCrmCompany::GetListEx([], $filter, false, false, ['ID', 'ASSIGNED_BY_ID', $field])->Fetch();

        return is_array($row) ? $row : null;
    }

    /** A field's value for comparison: "none" has several spellings. */
    private static function plain($value): string
    {
        $text = is_array($value) ? implode(',', $value) : (string) $value;

        return $text === '0' ? '' : $text;
    }

    private static function answerSaysNo(Settings $settings, Person $person, int $company, array $responsibles): bool
    {
        if (self::$isSilent) {
            return false;
        }
        $named = array_map(static fn (int $id): string => 'responsible=' . $id, array_unique(array_filter($responsibles)));
        $url = $settings->address . "/api/v1/companies/$company/status/permission/?" . implode('&', $named);
        $token = CardToken::issue($person, $settings->secret, time());
        $answer = Question::ask($url, ["Authorization: Bearer $token", 'Accept: application/json'], self::PATIENCE);
        if ($answer === null) {
            self::$isSilent = true;
            Log::write('no answer in time, a change of a status was let through; Call Guard looks at it afterwards');

            return false;
        }

        $isRefused = $answer->status === 403 && strpos($answer->body, self::REFUSED) !== false;
        if (!$isRefused && $answer->status !== 204) {
            Log::write("a change of a status was let through: Call Guard answered HTTP {$answer->status}; "
                . '401 means another secret or clocks apart, 403 an employee it does not know');
        }

        return $isRefused;
    }
}
