//! The switches of the PureSpectrum emulator.

crate::switch::switches! {
    /// The account may use templates; where it may not, that is 403 with code 1018.
    TEMPLATE_FEATURE: bool = true, "template_feature",
        "vendor wiki 2499411993 for surveys; for the list of templates it is assumed";
    /// The account may set `is_feot_enabled`; where it may not, that is refused.
    FEOT_FEATURE: bool = false, "feot_feature", "vendor wiki 2749038627";
    /// Surveys show their `external_project_id`.
    ECHO_EXTERNAL_PROJECT_ID: bool = true, "echo_external_project_id",
        "vendor wiki 2739568674 has it in a full object that may be a request or an answer";
    /// How many surveys a page of the list has at most.
    LIST_PAGE_MAX: u64 = 100, "list_page_max", "assumed; vendor wiki 702185580 names no maximum";
    /// Qualifications, quotas and codes come in another order than they were sent.
    SHUFFLE: bool = true, "shuffle", "vendor wiki 33499632 and 33499813";
    /// The ends of quotas' ranges come as text.
    STRING_RANGES: bool = false, "string_ranges", "one answer in vendor wiki 34117092";
    /// The transactions of a survey can be listed.
    TRANSACTIONS_BY_SURVEY: bool = true, "transactions_by_survey",
        "vendor wiki 3199139844 speaks of it; path and pages are assumed";
    /// Live reconciliations answer with the summary of the later revision.
    NEWER_RECONCILIATION_SUMMARY: bool = false, "newer_reconciliation_summary",
        "two revisions of vendor wiki 2618589185";
    /// Live reconciliations answer 202, and the work is done when the clock moves.
    RECONCILIATION_LATER: bool = false, "reconciliation_later", "assumed";
}
