<?php

/**
 * The portal's crm module, as far as the package meets it. `crm` of the facts says which: "asks" passes its references
 * through OnGetEntityTypes (16.1.9, 17.5.27), "asks nobody" does not (22.1800, 25.300).
 */

declare(strict_types=1);

class CCrmStatus
{
    public static function GetEntityTypes()
    {
        $types = ['SOURCE' => ['ID' => 'SOURCE', 'NAME' => 'Источники']];
        if (Stub::$facts['crm'] === 'asks') {
            foreach (GetModuleEvents('crm', 'OnGetEntityTypes', true) as $event) {
                $types = ExecuteModuleEventEx($event, [$types]);
            }
        }

        return $types;
    }
}

class CCrmCompany
{
    public string $LAST_ERROR = '';

    public static function GetListEx($order = [], $filter = [], $group = false, $nav = false, $select = [], $options = [])
    {
        $row = Stub::$facts['company'] ?? null;
        $isFound = $row !== null && (string) $filter['=ID'] === $row['ID'] && $filter['CHECK_PERMISSIONS'] === 'N';

        return new StubRows($isFound ? array_intersect_key($row, array_flip($select)) : false);
    }

    /** The author is in MODIFY_BY_ID, and the ID beside it, before the handlers are asked; false refuses. */
    public function Update($id, &$fields)
    {
        $fields += ['ID' => $id, 'MODIFY_BY_ID' => Stub::$facts['current_user'] ?? Stub::$facts['user']['id'] ?? 0];
        foreach (GetModuleEvents('crm', 'OnBeforeCrmCompanyUpdate', true) as $event) {
            if (ExecuteModuleEventEx($event, [&$fields]) === false) {
                $this->LAST_ERROR = $fields['RESULT_MESSAGE'] ?? 'cancelled';

                return false;
            }
        }

        return true;
    }
}

class StubRows
{
    private $row;

    public function __construct($row)
    {
        $this->row = $row;
    }

    public function Fetch()
    {
        return $this->row;
    }
}
