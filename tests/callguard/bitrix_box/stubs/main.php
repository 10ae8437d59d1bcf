<?php

/**
 * The portal's main module: exactly what the package calls, by the signatures of dev.1c-bitrix.ru (api_d7, api_help).
 * What a test wants of the portal lies in Stub::$facts. Nothing here is Bitrix's own code.
 */

declare(strict_types=1);

namespace {
    final class Stub
    {
        /** user, request (admin, ajax, query), constants, crm, company, current_user */
        public static array $facts = [];
        public static array $head = [];
        public static array $handlers = [];
    }

    /** docs: api_help/main/functions/module/getmoduleevents */
    function GetModuleEvents($module, $event, $asArray = false)
    {
        return Stub::$handlers[$module][$event] ?? [];
    }

    /** docs: api_help/main/functions/module/executemoduleeventex; a handler hears the arguments as they are passed */
    function ExecuteModuleEventEx($event, $arguments = [])
    {
        return call_user_func_array($event, $arguments);
    }

    /** docs: api_help/main/reference/cuser */
    class CUser
    {
        public function IsAuthorized()
        {
            return Stub::$facts['user'] !== null;
        }

        public function GetID()
        {
            return Stub::$facts['user']['id'] ?? null; // a string, as the portal has it
        }

        public function IsAdmin()
        {
            return Stub::$facts['user']['admin'] ?? false;
        }
    }

    /** docs: api_help/main/reference/cmain/restartbuffer */
    class CMain
    {
        public function RestartBuffer()
        {
            ob_clean();
        }
    }
}

namespace Bitrix\Main {
    /** docs: api_d7/bitrix/main/EventManager */
    class EventManager
    {
        private static ?self $instance = null;

        public static function getInstance()
        {
            return self::$instance ?? self::$instance = new self();
        }

        public function addEventHandlerCompatible($fromModuleId, $eventType, $callback, $includeFile = false, $sort = 100)
        {
            \Stub::$handlers[$fromModuleId][$eventType][] = $callback;
        }
    }

    /** docs: api_d7/bitrix/main/context */
    class Context
    {
        public static function getCurrent()
        {
            return new self();
        }

        public function getRequest()
        {
            return new HttpRequest();
        }
    }

    /** docs: api_d7/bitrix/main/request */
    class HttpRequest
    {
        public function isAdminSection()
        {
            return \Stub::$facts['request']['admin'] ?? false;
        }

        public function isAjaxRequest()
        {
            return \Stub::$facts['request']['ajax'] ?? false;
        }

        public function get($name)
        {
            return \Stub::$facts['request']['query'][$name] ?? null;
        }
    }
}

namespace Bitrix\Main\Page {
    /** docs: api_d7/bitrix/main/page/asset/addstring */
    class Asset
    {
        private static ?self $instance = null;

        public static function getInstance()
        {
            return self::$instance ?? self::$instance = new self();
        }

        public function addString($str, $unique = false, $location = 'AFTER_JS_KERNEL', $mode = null)
        {
            if ($unique) {
                \Stub::$head[md5($str)] = $str;
            } else {
                \Stub::$head[] = $str;
            }

            return $str !== '';
        }
    }
}
