<?php

declare(strict_types=1);

namespace CallGuard\Box;

/** Who is signed in: as much of the portal's $USER as concerns us. */
final class Person
{
    public int $id;
    public bool $isAdmin;

    public function __construct(int $id, bool $isAdmin)
    {
        $this->id = $id;
        $this->isAdmin = $isAdmin;
    }

    /** Null when nobody is: an anonymous visitor, or a script that runs by the clock. */
    public static function current(): ?self
    {
        global $USER;
        if (!is_object($USER) || !$USER->IsAuthorized()) {
            return null;
        }
        $id = (int) $USER->GetID();

        return $id > 0 ? new self($id, (bool) $USER->IsAdmin()) : null;
    }
}
