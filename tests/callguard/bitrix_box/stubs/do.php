<?php

/** `php do.php FACTS WHAT …`: one request of the portal, told as JSON. */

declare(strict_types=1);

$_SERVER['DOCUMENT_ROOT'] = getenv('DOCUMENT_ROOT');
require __DIR__ . '/main.php';
Stub::$facts = json_decode($argv[1], true, 512, JSON_THROW_ON_ERROR);
require __DIR__ . '/prolog_before.php';

function save(array $fields): array
{
    $company = new CCrmCompany();

    return ['saved' => $company->Update((int) Stub::$facts['company']['ID'], $fields), 'error' => $company->LAST_ERROR];
}

function page(): array
{
    foreach (GetModuleEvents('main', 'OnEpilog', true) as $event) {
        ExecuteModuleEventEx($event);
    }

    return array_values(Stub::$head);
}

switch ($argv[2]) {
    case 'page':
        $told = page();
        break;
    case 'types':
        $told = CCrmStatus::GetEntityTypes();
        break;
    case 'save': // one company, or several in one request
        $began = microtime(true);
        $told = ['saves' => array_map('save', json_decode($argv[3], true)), 'seconds' => microtime(true) - $began];
        break;
    case 'token':
        $person = new CallGuard\Box\Person((int) Stub::$facts['user']['id'], Stub::$facts['user']['admin']);
        $told = CallGuard\Box\CardToken::issue($person, CallGuard\Box\Settings::load()->secret, (int) $argv[3]);
        break;
    case 'refusal': // its bytes, for they may be no UTF-8
        $told = base64_encode(CallGuard\Box\Words::refusal());
        break;
    case 'patience':
        $told = (new ReflectionClassConstant(CallGuard\Box\StatusGuard::class, 'PATIENCE'))->getValue();
        break;
    case 'handlers':
        $told = Stub::$handlers;
        break;
    default:
        throw new LogicException($argv[2]);
}
$printed = ob_get_clean();
echo json_encode(['printed' => base64_encode($printed), 'told' => $told], JSON_THROW_ON_ERROR | JSON_INVALID_UTF8_SUBSTITUTE);
