//! What no source of the vendor says and we do all the same. One place each, so that the first person with a staging
//! token can correct it here.

use crate::model::traffic::{Lists, Pace, Traffic};

/// JSON-patch path of the survey status. The verb and path `PATCH /surveys/{id}` are documented as "update survey
/// status" (vendor wiki 341803016); the path inside the patch is not.
pub const STATUS_PATCH_PATH: &str = "/ps_survey_status";

/// Whether one PATCH may carry several operations. The body is documented as an array of operations, every sample has
/// one (vendor docs update-survey PATCH, wiki 34117092).
pub const PATCH_TAKES_SEVERAL: bool = true;

/// Price currency. The API documentation names none; a working public client treats it as US dollars.
pub const CURRENCY: iso_currency::Currency = iso_currency::Currency::USD;

/// Key of the ids in the body of `POST /surveys/{id}/PSIDRef`, as the supplier's side answers with them (supplier wiki
/// 41549825); `None` sends the array alone. The body itself is not documented (wiki 341803016 names the path).
pub const RESPONDENTS_KEY: Option<&str> = Some("PSIDRef");

/// Whether a list that is sent again takes the place of the one before. Sending the same one again changes nothing either way.
pub const RESPONDENTS_ARE_REPLACED: bool = true;

/// First page of `GET /surveys`. The UI uses 1; the documentation of `page` does not say (wiki 702185580).
pub const FIRST_PAGE: usize = 1;

/// Surveys asked for per page. The maximum is not documented (wiki 702185580), so a page is never taken for the last
/// one before an empty page was seen.
pub const PAGE_LIMIT: usize = 100;

/// How many surveys are read one by one before lists are taken instead. A list may hold surveys of other people.
pub const READ_SINGLY_UP_TO: usize = 20;

/// No limit was found in any source, so that only how many are under way at once is held low.
pub const TRAFFIC: Traffic = Traffic {
    pace: Pace {
        requests_per_second: None,
        concurrency: 2,
    },
    why: "no source has a limit; only few are under way at once",
    to_read_one: 1,
    lists: Some(Lists {
        from: READ_SINGLY_UP_TO + 1,
        page: PAGE_LIMIT,
    }),
};

/// `GET /templates` of an account without the template feature answers as a create does: 403 with code 1018. Only the
/// create is documented.
pub const TEMPLATES_REFUSED_WITHOUT_FEATURE: i64 = 1018;

/// Setting a quota of a draft aside deletes it; `DELETE` of a quota is listed without rules (wiki 341803016). In field
/// a quota is set to 0 instead, which is the documented way to stop it (wiki 613285971).
pub const DELETE_QUOTAS_OF_DRAFTS: bool = true;

/// What is put behind the key of a quota for as long as another one takes its key over. That `PUT /quotas/{id}` gives a
/// quota the `buyer_quota_id` of its body, when that is another one, is not documented; only the vendor's own id stays
/// (wiki 33494326). Every rename is read back.
pub const QUOTA_PUT_ASIDE: &str = "-moved";

/// Transactions sent in one live reconciliation. No limit is documented (vendor wiki 2618589185 shows lists of a few); the
/// value keeps a request below a tenth of a megabyte.
pub const LIVE_RECONCILIATION_ROWS: usize = 1000;

/// Reads the transactions of a survey page by page instead of one by one. A variant by survey exists, its path was not
/// readable (wiki 3199139844); this is the path of one transaction without the transaction. Whatever such a page does not
/// show is asked for singly, so a wrong guess costs one request a survey.
pub const TRANSACTIONS_BY_SURVEY: bool = true;

/// Transactions asked for per page, and the first page.
pub const TRANSACTION_PAGE: usize = 500;

/// Statuses of transactions that a live reconciliation may turn into completes, besides rejected ones: "Buyer_*", says
/// wiki 2618589185 without listing them.
pub const BUYER_ENDED: [i64; 5] = [17, 18, 20, 30, 31];

/// How long a survey may take to show up in lists. Nothing is documented; before that time has passed, a list without
/// the survey proves nothing.
pub const LISTS_SETTLE_AFTER: std::time::Duration = std::time::Duration::from_secs(60);

/// Whether what a supplier is given for a complete in `PUT /surveys/{id}/suppliers` is what its completes cost, whatever the
/// offer of the survey is, before and after an edit of the offer. That suppliers have a `cpi` is documented (vendor wiki
/// 855638135), what it does to the offer is not; so the higher of the two counts.
pub const SUPPLIERS_KEEP_THEIR_PRICES: bool = true;

/// What the rows of `GET /buyers/v3/Attributes` look like was not readable (wiki 33493049). Keys of a question's code; those of
/// the list that suppliers have come first (supplier wiki 37027909).
pub const ATTRIBUTE_CODES: [&str; 4] = ["qualification_code", "code", "condition_code", "attribute_id"];

/// Keys of the texts of a question or an answer, the shortest text first.
pub const ATTRIBUTE_TEXTS: [&str; 4] = ["desc", "text", "name", "label"];

/// Keys of the list, where a page is an object.
pub const ATTRIBUTE_LISTS: [&str; 3] = ["attributes", "qualifications", "data"];

/// Most pages that are asked for: the end of a list that never ends.
pub const ATTRIBUTE_PAGES: u64 = 400;

/// The highest household income, at which a range such as `100000+` ends. Ranges have two ends (wiki 34700934), and no source
/// names the highest one.
pub const HIGHEST_INCOME: i64 = 999_999;

/// The oldest child in years, at which a range such as `12+` of children ends. No source names it; who is older is no child.
pub const OLDEST_CHILD: i64 = 17;

/// The vendor's codes of units. Years, months and US dollars are documented (vendor wiki for suppliers 336035851); a question of
/// numbers that a project names says which one it is asked in.
pub const UNITS: [(&str, &str); 3] = [("311", "years"), ("312", "months"), ("321", "USD a year")];
