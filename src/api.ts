// What an account can ask of the API, wherever it asks: at /api with a token, or at /dashboard with a session.

import { account } from "./account/account.route.ts";
import { accounts } from "./account/accounts.route.ts";
import { activity } from "./account/activity.route.ts";
import { ApiRoutes } from "./account/api-routes.ts";
import { signInLinks } from "./account/sign-in-links.route.ts";
import { bulkRetry } from "./callback/bulk-retry/bulk-retry.route.ts";
import { retryCallback } from "./callback/retry.route.ts";
import { callbackTest } from "./callback/test.route.ts";
import { campaigns } from "./campaign/campaigns.route.ts";
import { createCampaign } from "./campaign/create.route.ts";
import { campaignMembers } from "./campaign/members.route.ts";
import { changeLink } from "./change-link/change-link.route.ts";
import { createLink } from "./create-link/create-link.route.ts";
import { exportList, exports } from "./export/export.route.ts";
import { feeds } from "./feed/feeds.route.ts";
import { figures } from "./figures/figures.route.ts";
import { qrCode } from "./qr/qr.route.ts";
import { health } from "./status/health/health.route.ts";
import { linkList, messageList } from "./status/lists.route.ts";
import { status } from "./status/status.route.ts";

export const apiRoutes = new ApiRoutes()
  .route("/links", createLink)
  .route("/links", linkList)
  .route("/links", status)
  .route("/links", changeLink)
  .route("/links", retryCallback)
  .route("/links", qrCode)
  .route("/campaigns", createCampaign)
  .route("/campaigns", campaigns)
  .route("/campaigns", campaignMembers)
  .route("/messages", messageList)
  .route("/callbacks", bulkRetry)
  .route("/figures", figures)
  .route("/health", health)
  .route("/export", exports)
  .route("/account", account)
  .route("/account/export", exportList)
  .route("/account/feeds", feeds)
  .route("/account", signInLinks)
  .route("/account", activity)
  .route("/account", callbackTest)
  .route("/accounts", accounts);
