//! What is true of InnovateMR, as data.

use super::assumptions;
use crate::model::VendorId;
use crate::model::capability::Capability;
use crate::model::marketplace::{Emulator, Facts, Habit, Nouns, Recognition, Recognitions};

/// InnovateMR. A survey is a job, its groups are the job's groups, and each has a status of its own.
pub static FACTS: Facts = Facts {
    api: "InnovateMR, Buyer API v2 (PEGA)",
    rank: 20,
    has_groups: true,
    // Questions are read by country and language (call flow page).
    has_library: true,
    nouns: Nouns {
        survey: "job",
        group: "group",
    },
    // Jobs have titles, and a list that shows them; groups have titles too, which the details of their job may show.
    recognition: Recognitions {
        survey: Recognition::Name,
        group: Recognition::Name,
    },
    // Statistics are not documented.
    counts_completes: false,
    hosts: &["apivisionsampling.innovatemr.com"],
    variables: &["INNOVATEMR_"],
    traffic: assumptions::TRAFFIC,
    quotas_stop: Habit::not("a public client sends `HardStop`; what it does is not documented"),
    lets_in_by_incidence: Habit::not("no public document"),
    emulator: Some(Emulator {
        base: "/api/v2",
        auth: "",
        note: "",
    }),
    ..Facts::plain("innovatemr", "InnovateMR")
};

/// InnovateMR.
pub const ID: VendorId = VendorId::new(&FACTS);

/// The vendor's production base URL (portal page Update Group Status).
pub const PRODUCTION: &str = "https://apivisionsampling.innovatemr.com/api/v2";

/// What InnovateMR can do, for the documentation.
pub const CAPABILITIES: [Capability; 14] = [
    Capability::can("jobs and groups").assumed("`POST /pega/job`, `POST /pega/jobs/{JobId}/group`; paths from a public client"),
    Capability::can("group status").documented("`PUT /pega/group/{GroupId}/status`; live needs `max_cpi`"),
    Capability::can("job status").assumed("`PUT /pega/job/{JobId}/status`, from a public client"),
    Capability::can("close a job or a group").assumed("status 3 is assumed to be closed; only where the manifest says `closed`"),
    Capability::can("targets").assumed("one question per call; names resolved in the vendor's library"),
    Capability::cannot("read targets back").documented("no such call; what was applied last counts"),
    Capability::can("quotas").assumed("added, and changed in place"),
    Capability::cannot("remove a quota, a group or a job").documented("no such call; a job or group is paused instead"),
    Capability::can("change in field").assumed("only more completes, a higher ceiling and notes go in at once; for the rest the group is paused and resumed"),
    Capability::cannot("completes collected").assumed("the statistics are not documented, so nothing is planned on them"),
    Capability::cannot("fielding dates").assumed("read, but no public document says how to write them"),
    Capability::cannot("choose suppliers").documented("no public document has a call about them"),
    Capability::can("recover a lost create").assumed("a job by its title in the job list, a group by its title in the details of its job, where these work"),
    Capability::cannot("external reference").documented("nothing but ids and titles tells jobs apart"),
];
