<?php

/**
 * Call Guard in a boxed portal: what php_interface/init.php includes, by the line that README.txt gives.
 *
 * Nothing is done here but to say which events are listened to; their handlers are loaded when the first of them comes.
 * The syntax of this file is old on purpose: a PHP too old for the rest must be able to read it, and leave.
 */

declare(strict_types=1);

if (PHP_VERSION_ID >= 70400 && class_exists('Bitrix\Main\EventManager')) {
    spl_autoload_register(static function ($class) {
        $prefix = 'CallGuard\\Box\\';
        $file = __DIR__ . '/lib/' . substr($class, strlen($prefix)) . '.php';
        if (strncmp($class, $prefix, strlen($prefix)) === 0 && is_file($file)) {
            require_once $file;
        }
    });

    // "Compatible": the handler gets the event's own arguments, by reference where the event passes them so.
    $callGuardEvents = \Bitrix\Main\EventManager::getInstance();
    $callGuardEvents->addEventHandlerCompatible('main', 'OnEpilog', array('CallGuard\Box\Page', 'addScript'));
    $callGuardEvents->addEventHandlerCompatible('crm', 'OnGetEntityTypes', array('CallGuard\Box\StatusReference', 'add'));
    $callGuardEvents->addEventHandlerCompatible('crm', 'OnBeforeCrmCompanyUpdate', array('CallGuard\Box\StatusGuard', 'check'));
    unset($callGuardEvents);
}
