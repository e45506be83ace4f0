// Entry of the single-page app: one module per kind of page.

import { boot } from "./boot.js";
import { listPage } from "./list.js";
import { locationPage } from "./location.js";
import { customerPage, dashboardPage, emptyPage, newEquipmentPage, orderPage } from "./simple.js";

const pages = {
  dashboard: dashboardPage,
  list: listPage,
  order: orderPage,
  visit: orderPage,
  customer: customerPage,
  location: locationPage,
  "new-equipment": newEquipmentPage,
};

(pages[boot.page] ?? emptyPage)();
