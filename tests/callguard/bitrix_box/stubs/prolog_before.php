<?php

/** /bitrix/modules/main/include/prolog_before.php: the buffer, init.php, then $USER, in the portal's own order. */

declare(strict_types=1);

require_once __DIR__ . '/main.php';
require_once __DIR__ . '/crm.php';

ob_start();
$APPLICATION = new CMain();
if (isset($_COOKIE['facts'])) { // over HTTP; do.php has them already
    Stub::$facts = json_decode($_COOKIE['facts'], true);
}
foreach (Stub::$facts['constants'] ?? [] as $name => $value) {
    define($name, $value);
}
$init = '/php_interface/init.php';
foreach (['/local', '/bitrix'] as $folder) { // the one in /local hides the other (course 43, lesson 2916)
    if (is_file($_SERVER['DOCUMENT_ROOT'] . $folder . $init)) {
        include $_SERVER['DOCUMENT_ROOT'] . $folder . $init;
        break;
    }
}
$USER = new CUser();
