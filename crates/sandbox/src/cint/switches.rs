//! The switches of the Cint emulator.

crate::switch::switches! {
    /// How many seconds a token lives.
    TOKEN_SECONDS: u64 = 86_400, "cint_token_seconds", "guide: 24 hours";
    /// Which look at a new project is the first that finds it.
    PROJECT_VISIBLE_AT_READ: u64 = 1, "cint_project_visible_at_read",
        "`create_project` answers 202; when a project can be read is not said";
    /// Which list is the first that has a new draft.
    GROUP_LISTED_AT_READ: u64 = 1, "cint_group_listed_at_read", "assumed";
    /// Which look at a job is the first that finds it ended.
    JOB_ENDS_AT_READ: u64 = 2, "cint_job_ends_at_read", "how long jobs take is not said";
    /// A code that every job to launch or schedule fails with.
    LAUNCH_FAILURE: &'static str = "", "cint_launch_failure",
        "the contract has codes of failed jobs and does not list them all";
    /// A launch without live URL or price fails.
    LAUNCH_CHECKS_DRAFT: bool = true, "cint_launch_checks_draft", "which checks a launch makes is not said";
    /// `Location` is a full URL.
    FULL_LOCATION: bool = false, "cint_full_location",
        "the contract allows it; its examples are paths without `/v1`";
    /// An idempotency key on another request is 400; off: the first answer again.
    KEY_REUSE_REFUSED: bool = true, "cint_key_reuse_refused", "not said";
    /// An idempotency key makes creating a target group happen once.
    CREATE_GROUP_HONOURS_KEY: bool = false, "cint_create_group_honours_key",
        "the contract has no such header; a guide speaks of one";
    /// A paused run can be completed.
    COMPLETE_PAUSED: bool = false, "cint_complete_paused",
        "the contract: live and scheduled ones; a guide: any";
    /// The end of fielding pauses instead of completing.
    END_PAUSES: bool = false, "cint_end_pauses",
        "a guide counts the end of the window among the reasons of a pause";
    /// A draft's start must be an hour ahead.
    START_AN_HOUR_AHEAD: bool = false, "cint_start_an_hour_ahead", "guide of 2025-02; a later one: in the future";
    /// Optional details that are left out are cleared.
    DETAILS_PUT_CLEARS: bool = true, "cint_details_put_clears", "not said";
    /// A price is rounded to two decimals.
    CPI_ROUNDED: bool = false, "cint_cpi_rounded", "not said";
    /// Quotas must add up.
    SUMS_CHECKED: bool = true, "cint_sums_checked", "there are codes for it; the rule is not published";
    /// A new goal alone keeps the quotas' shares instead of sharing out anew.
    GOAL_KEEPS_SHARES: bool = false, "cint_goal_keeps_shares",
        "the contract: quotas are calculated anew; how is not said";
    /// Ids of profiles and targets survive manage-profiles.
    MANAGE_KEEPS_IDS: bool = false, "cint_manage_keeps_ids", "not said";
    /// The list of profiles has control blends.
    LIST_SHOWS_CONTROL: bool = false, "cint_list_shows_control",
        "the contract's text says no, its example says yes";
    /// Project exclusion can be changed after launch.
    PROJECT_EXCLUSION_AFTER_LAUNCH: bool = true, "cint_project_exclusion_after_launch",
        "the contract has the call; a guide of 2025-05: drafts only";
    /// A draft shows its allocations in the form of the request.
    ALLOCATIONS_AS_REQUESTED: bool = false, "cint_allocations_as_requested",
        "the contract has two forms and does not say which one a draft has";
    /// Re-entry may be configured; off: that is 403.
    RE_ENTRY_FEATURE: bool = false, "cint_re_entry_feature", "contract: only with the feature";
    /// A draft takes `filling_strategy` and `allocation_template`.
    NEWER_REVISION: bool = false, "cint_newer_revision", "a later revision of the same version's contract";
    /// Library items have ends and values.
    LIBRARY_AS_IN_SCHEMA: bool = false, "cint_library_as_in_schema",
        "the contract's schema requires them, its example lacks them";
    /// Which list is the first that has a new exclusion group.
    EXCLUSION_GROUP_LISTED_AT_READ: u64 = 1, "cint_exclusion_group_listed_at_read", "assumed";
    /// Exclusion groups take drafts.
    EXCLUSION_GROUPS_TAKE_DRAFTS: bool = true, "cint_exclusion_groups_take_drafts", "not said";
    /// Putting into an exclusion group what is in it already is 400.
    EXCLUSION_TWICE_REFUSED: bool = false, "cint_exclusion_twice_refused", "not said";
    /// Answers of some size are compressed for callers that accept it.
    GZIP: bool = true, "cint_gzip", "answers in the guide of 2025-02";
    /// Answers have fields that nobody documented.
    EXTRA_FIELDS: bool = true, "cint_extra_fields", "guide: fields may be added within a version";
    /// A paused target group has a status that nobody documented.
    NEW_WORDS: bool = false, "cint_new_words", "guide: words may be added within a version";
    /// Which look at a reconciliation is the first that finds it complete.
    RECONCILIATION_ENDS_AT_READ: u64 = 2, "cint_reconciliation_ends_at_read", "how long one takes is not said";
}
