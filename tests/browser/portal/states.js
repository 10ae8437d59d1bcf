/* What the demonstration's card never does and a portal's does: sidebar, detailed card, call lists, the desktop
 * application's window. Built from call-card.md §1 on top of the stand-in (bitrix-card.js). */
(() => {
  "use strict";
  const portal = window.portalStandIn;
  const fire = (name, ...given) => BX.onCustomEvent(window, name, given);
  function node(name, ...children) {
    const [tag, ...classes] = name.split(".");
    const element = document.createElement(tag || "div");
    if (classes.length) element.className = classes.join(" ");
    element.append(...children);
    return element;
  }

  /** A tab of a REST application, a call list or a web form: the card becomes wide, the right part is white. */
  portal.openSidebar = (view = portal.open, title = "Приложение") => {
    const root = view.elements.main;
    const tab = node("span.im-phone-sidebar-tab.im-phone-sidebar-tab-active", title);
    Object.assign(tab.dataset, { tabId: "restApp7", tabBodyId: "app", restAppId: "7" });
    root.append(node(".im-phone-sidebar-wrap",
      node(".im-phone-sidebar-tabs-container", node(".im-phone-sidebar-tabs-left", tab)),
      node(".im-phone-sidebar-tabs-body-container", node(".im-phone-call-app-container", "Содержимое вкладки"))));
    root.querySelectorAll("[class*=without-sidebar]").forEach((one) => {
      one.className = one.className.replace(/ im-phone-call-(wrapper|container)-without-sidebar/, "");
    });
    root.style.width = Math.min(Math.floor(screen.width * 0.8), 1200) + "px";
  };

  /** The detailed variant of crm.card.show: the client has deals or activities. */
  portal.showDetailedCard = (view = portal.open) => {
    const { name, responsible } = view.crmData;
    const profile = Object.assign(node("input"), { type: "hidden" });
    profile.dataset.role = "crm-card-vk-profile";
    const card = node(".crm-card-show-detail.crm-card-custom-scroll",
      node(".crm-card-show-detail-header", node(".crm-card-show-detail-header-user",
        node(".crm-card-show-detail-header-user-image"),
        node(".crm-card-show-detail-header-user-info",
          node("a", node(".crm-card-show-detail-header-user-name", name)), node(".crm-card-show-detail-header-user-item", "Директор")))),
      node(".crm-card-show-detail-info", node(".crm-card-show-detail-info-inner", node(".crm-card-show-detail-info-content",
        node(".crm-card-show-detail-info-wrap", "Дела: перезвонить завтра"),
        node(".crm-card-show-detail-info-wrap", "Сделки: поставка, 100 000 ₽"),
        node(".crm-card-show-detail-info-wrap", "Ответственный: " + responsible.name)))));
    card.id = "crm-card-detail-container";
    card.querySelector(".crm-card-show-detail-info-content").id = "crm-card-extended-info";
    view.elements.crmCard.replaceChildren(profile, card);
  };

  /** A call list: the CRM layout at once, wide, idle; an item is chosen, then dialled. */
  portal.openCallList = (numbers, crmData) => {
    const view = new BX.PhoneCallView({
      phoneNumber: numbers[0], direction: "outgoing", callListId: 5, _uiState: "outgoing", crmData,
    });
    const simple = view.createSimpleLayout.bind(view);
    view.createSimpleLayout = () => (simple(), view.createCrmLayout());
    portal.reach(view);
    view.show();
    portal.openSidebar(view, "Обзвон");
    view.loadCrmCard("CONTACT", 1);
  };
  portal.selectItem = (number) => {
    portal.open.setPhoneNumber(number);
    portal.open.setTitle(portal.open.titleText());
    portal.open.loadCrmCard("CONTACT", 2);
  };
  /** Folding an idle call list closes the card and leaves a panel of another kind. */
  portal.foldCallList = () => {
    portal.open.close();
    const panel = node(".im-phone-call-wrapper.im-phone-call-wrapper-fixed.im-phone-call-panel",
      node(".im-phone-call-wrapper-fixed-left", node(".im-phone-call-wrapper-fixed-user",
        node(".im-phone-call-wrapper-fixed-user-info", node(".im-phone-call-wrapper-fixed-user-name", "Пётр Иванов")))),
      node(".im-phone-call-wrapper-fixed-right", node(".im-phone-call-wrapper-fixed-btn-container",
        node("span.im-phone-call-btn.im-phone-call-btn-green", "Позвонить"), node("span.im-phone-call-btn.im-phone-call-btn-gray", "Дальше"))));
    panel.id = "im-phone-folded-call-view";
    document.body.append(panel);
  };

  /** The desktop application: the body is the card, the popup is not there, and window.PCW is the view. */
  portal.openDesktopWindow = (params) => {
    portal.generation = "desktop";
    const view = new BX.PhoneCallView({ direction: "incoming", callId: "desktop.1", ...params });
    view.popup = { popupContainer: document.createElement("div") };
    portal.reach(view);
    document.body.className = "im-desktop-popup";
    document.body.replaceChildren(view.createSimpleLayout());
  };
  portal.desktopCrmAnswer = () => {
    const before = portal.open.elements.main;
    before.replaceWith(portal.open.createCrmLayout());
  };

  /** What the other tabs hear of a call that is not shown in them. */
  portal.hearPush = (callId, callerId) => BX.onCustomEvent("onPullEvent-voximplant", ["invite", { callId, callerId }]);
  portal.fireClosed = () => fire("CallCard::AfterClose");
})();
