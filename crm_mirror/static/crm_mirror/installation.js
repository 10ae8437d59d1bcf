// Tells the portal that the installation is finished: until then it sends the application no events.
// docs: settings/app-installation/installation-finish. Called when nothing is to be finished, it does nothing.
if (window.BX24) {
  BX24.init(function () {
    BX24.installFinish();
  });
}
