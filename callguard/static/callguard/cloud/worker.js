// Calls of other telephony (REST, PBX): the card's title and status text say whose client it is. Colours cannot be set.
// docs: api-reference/widgets/page-background-worker; call-card.md §5
"use strict";

(async () => {
  const { callOf, on, verdictOn } = window.callguard;
  const HUES = [[15, "🔴"], [42, "🟠"], [70, "🟡"], [165, "🟢"], [260, "🔵"], [335, "🟣"], [360, "🔴"]];

  // The circle that is nearest to the palette's base; words say the same.
  function circle(colour) {
    const [red, green, blue] = [1, 3, 5].map((at) => parseInt(colour.slice(at, at + 2), 16) / 255);
    const most = Math.max(red, green, blue);
    const span = most - Math.min(red, green, blue);
    if (span < 0.12) return most > 0.6 ? "⚪" : "⚫";
    const turn = most === red ? (green - blue) / span : most === green ? 2 + (blue - red) / span : 4 + (red - green) / span;
    const hue = (turn * 60 + 360) % 360;
    return HUES.find(([upTo]) => hue <= upTo)[1];
  }

  async function tell(frame, facts) {
    const call = callOf(facts || {});
    if (!call.phone || ["hidden", "unknown"].includes(call.phone)) return;
    const verdict = await verdictOn(frame, call);
    if (!verdict.palette) return;
    const label = `${circle(verdict.palette.background)} ${verdict.palette.label}`;
    const answers = [
      await frame.placement.call("CallCardSetCardTitle", { title: label }),
      await frame.placement.call("CallCardSetStatusText", { statusText: verdict.message }),
    ];
    const refused = answers.find((answer) => answer && answer.result === "error");
    if (refused) console.warn("callguard: the card cannot be written on: " + refused.errorCode);
    await notify(frame, call, `${label}. ${verdict.message}`);
  }

  // One line in the person's own messenger: it stays when the card is gone. Said again it takes the first one's place.
  async function notify(frame, call, message) {
    const about = call.id || call.phone;
    const user = await frame.actions.v2.call.make({ method: "profile", params: {} });
    const params = { USER_ID: user.getData().result.ID, MESSAGE: message, TAG: "CALLGUARD|CALL|" + about };
    await frame.actions.v2.call.make({ method: "im.notify.personal.add", params });
  }

  try {
    const frame = await B24Js.initializeB24Frame();
    const said = (facts) => tell(frame, facts).catch((error) => console.warn("callguard: " + error.message));
    on(frame, "BackgroundCallCard::initialized", said);
  } catch (error) {
    console.warn("callguard: " + error.message);
  }
})();
