<?php

/**
 * GET /local/callguard/token.php: a fresh card token for whoever is signed in, as {"token": …, "expires_in": seconds}.
 * Anything else is answered with an HTTP error and {"error": …}.
 */

declare(strict_types=1);

// A phone may be ringing: no visit to count, no agents to run, no waiting for the session that another request has locked.
define('NO_KEEP_STATISTIC', true);
define('NO_AGENT_STATISTIC', true);
define('NO_AGENT_CHECK', true);
define('BX_SECURITY_SESSION_READONLY', true);
define('NOT_CHECK_PERMISSIONS', true); // we say 401 ourselves; the portal would show its sign-in form

require $_SERVER['DOCUMENT_ROOT'] . '/bitrix/modules/main/include/prolog_before.php';
require_once __DIR__ . '/include.php'; // where the line in init.php is missing, at least this address says what is wrong

$APPLICATION->RestartBuffer(); // whatever somebody else's init.php has printed is no JSON
CallGuard\Box\TokenAnswer::to($_SERVER, time())->send();
exit;
