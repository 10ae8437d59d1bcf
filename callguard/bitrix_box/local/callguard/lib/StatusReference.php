<?php

declare(strict_types=1);

namespace CallGuard\Box;

/**
 * crm:OnGetEntityTypes: a reference of our own among those of the CRM, edited on the CRM's page of references.
 *
 * CCrmStatus::GetEntityTypes() passes its list through this event in the CRM modules 16.1.9 and 17.5.27 that were read.
 * 22.1800 and 25.300 ask nobody any more: there this is never called, and Call Guard makes a list field instead.
 */
final class StatusReference
{
    /**
     * @param array|mixed $types ENTITY_ID => ['ID' => …, 'NAME' => …, …]; anything, where a handler before us was careless
     * @return array|mixed the same with ours
     */
    public static function add($types)
    {
        $settings = Settings::load();
        if ($settings !== null && is_array($types) && !isset($types[$settings->reference])) {
            $types[$settings->reference] = ['ID' => $settings->reference, 'NAME' => Words::reference()];
        }

        return $types;
    }
}
