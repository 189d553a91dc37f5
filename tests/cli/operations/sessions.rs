//! The sessions that show what is used: each at a sandbox of its own, as somebody would type it.

use super::list::{List, Uses, note};
use crate::support::{Project, Run, Sandbox, id, survey};
use serde_json::{Value, json};

/// Everything that any of these sessions may be asked for.
const ALLOW: [&str; 3] = [
    "--yes",
    "--allow",
    "launch,close,changes,edit-live-targeting,exposure,remove,reconcile",
];

/// A project at a sandbox, and what its commands were seen using.
struct Session<'a> {
    sandbox: Sandbox,
    project: Project,
    lists: &'a [List],
    uses: Uses,
}

impl<'a> Session<'a> {
    fn start(lists: &'a [List], project: Project) -> Self {
        let sandbox = Sandbox::start();
        let project = project.with_all(&sandbox);
        Self {
            sandbox,
            project,
            lists,
            uses: Uses::new(),
        }
    }

    /// Runs a command, whatever it ends with, and notes what it sent.
    fn run(&mut self, line: &str) -> Run {
        let arguments: Vec<&str> = line.split_whitespace().collect();
        self.sandbox.forget();
        let run = self.project.run(&arguments);
        let command = super::ORDER.iter().find(|known| arguments[0] == **known);
        let command = command.unwrap_or_else(|| panic!("`{line}` has no place in the page's order"));
        note(&mut self.uses, self.lists, command, &self.sandbox.log());
        run
    }

    /// The same, and expects that all went well.
    fn ok(&mut self, line: &str) -> Run {
        self.run(line).code(0)
    }

    /// Applies, with everything that may be asked for approved.
    fn apply(&mut self) -> Run {
        self.ok(&format!("apply {}", ALLOW.join(" ")))
    }

    /// Changes what stands once in a file, and applies that.
    fn edit(&mut self, file: &str, from: &str, to: &str) {
        self.project.edit(file, from, to);
        self.apply();
    }

    /// People take part.
    fn respondents(&self, body: Value) {
        self.sandbox.admin("POST", "respondents", body);
    }
}

/// What all sessions were seen using, one vendor beside the other.
pub(super) fn all(lists: &[List]) -> Uses {
    let sessions: [fn(&[List]) -> Uses; 8] = [
        purespectrum,
        purespectrum_outcomes,
        innovatemr,
        cint,
        cint_groups,
        cint_in_field,
        cint_lists,
        cint_outcomes,
    ];
    let mut all = Uses::new();
    std::thread::scope(|scope| {
        let running = sessions.map(|session| scope.spawn(move || session(lists)));
        for session in running {
            for (place, commands) in session.join().unwrap() {
                let known = all.entry(place).or_default();
                known.extend(commands);
            }
        }
    });
    all
}

const QUOTAS: &str = "qualifications: {gender: [male, female], age: 18-64}\nquotas:\n\
    \x20 - {name: men, completes: 50, where: {gender: male}}\n\
    \x20 - {name: women, completes: 50, where: {gender: female}}\n";

fn purespectrum(lists: &[List]) -> Uses {
    let mut session = Session::start(lists, Project::example("exclusion-group"));
    session.ok("doctor");
    session.project.write(
        "soda.yaml",
        &survey("soda", QUOTAS).replace("status: live", "status: draft"),
    );
    let template = "kind: Survey\nname: tracker\ntitle: Tracker\ncpi: 3.50 USD\nlive_url: https://survey.example.com/t\n\
                    status: draft\npurespectrum: {template_id: 5}\n";
    session.project.write("tracker.yaml", template);
    session.project.write("ids.csv", "p-1\np-2\n");
    let again = survey("again", "recontact: {file: ids.csv}\n").replace("status: live", "status: draft");
    session.project.write("again.yaml", &again);
    session.ok("feasibility soda");
    session.ok("plan");
    session.apply();
    session.ok("plan");
    session.ok("plan --refresh-only");
    session.ok("validate");
    session.ok("lookup templates --vendor purespectrum");
    session.ok("lookup suppliers --vendor purespectrum --locale en-US");
    // A quota of a draft is deleted; in field another one is added and one is written.
    session.edit(
        "soda.yaml",
        "  - {name: women, completes: 50, where: {gender: female}}\n",
        "",
    );
    session.edit("soda.yaml", "status: draft", "status: live");
    session.edit(
        "soda.yaml",
        "{name: men, completes: 50",
        "{name: men, completes: 40",
    );
    session.edit(
        "soda.yaml",
        "where: {gender: male}}\n",
        "where: {gender: male}}\n  - {name: women, completes: 50, where: {gender: female}}\n",
    );
    session.edit("soda.yaml", "2.50 USD", "2.60 USD");
    session.edit(
        "soda.yaml",
        "cpi: 2.60 USD\n",
        "cpi: 2.60 USD\nsuppliers: [{supplier: 6}, {supplier: 8, completes: 20}]\n",
    );
    session.edit("soda.yaml", "age: 18-64", "age: 18-54");
    session.edit("group.yaml", "exclusion_days: 90", "exclusion_days: 60");
    let soda: u64 = id(&session.project, "soda").parse().unwrap();
    session.respondents(json!({"survey": soda, "completes": 3}));
    session.ok("status");
    session.ok("status soda");
    session.ok("freeze --yes");
    session.ok("thaw --yes --allow launch,changes");
    session.project.forget("bench");
    for file in [
        "soda.yaml",
        "tracker.yaml",
        "again.yaml",
        "wave-1.yaml",
        "wave-2.yaml",
        "group.yaml",
    ] {
        session.project.remove(file);
    }
    session.ok("import --all --vendor purespectrum");
    session.uses
}

fn purespectrum_outcomes(lists: &[List]) -> Uses {
    let mut session = Session::start(lists, Project::empty());
    session.project.write("soda.yaml", &survey("soda", ""));
    session.project.write("tea.yaml", &survey("tea", ""));
    session.apply();
    for (survey, mark) in [("soda", "s"), ("tea", "t")] {
        let item = |name: &str, status: u64| json!({"transaction_id": format!("{mark}-{name}"), "status": status, "count": true});
        let survey: u64 = id(&session.project, survey).parse().unwrap();
        session.sandbox.admin(
            "POST",
            "transactions",
            json!({"vendor": "purespectrum", "survey": survey, "transactions": [
                item("open", 16), item("good", 21), item("late", 21), item("fine", 21),
            ]}),
        );
    }
    // So many are read by pages, and few one by one.
    let many: Vec<Value> = (0..25)
        .map(|at| json!({"transaction_id": format!("m-{at}"), "status": 21, "count": true}))
        .collect();
    let soda: u64 = id(&session.project, "soda").parse().unwrap();
    session.sandbox.admin(
        "POST",
        "transactions",
        json!({"vendor": "purespectrum", "survey": soda, "transactions": many}),
    );
    let rows: String = (0..25).map(|at| format!("m-{at},complete\n")).collect();
    session
        .project
        .write("many.csv", &format!("transaction_id,outcome\n{rows}"));
    session.ok("reconcile many.csv --survey soda --plan");
    let allow = "--yes --allow reconcile";
    session
        .project
        .write("open.csv", "transaction_id,outcome\ns-open,complete\n");
    session.ok(&format!("reconcile open.csv --survey soda {allow}"));
    session
        .project
        .write("one.csv", "transaction_id,outcome\ns-good,reject\n");
    session.ok(&format!("reconcile one.csv --survey soda {allow}"));
    let both = "transaction_id,outcome,survey\ns-late,reject,soda\nt-late,reject,tea\n";
    session.project.write("both.csv", both);
    session.ok(&format!("reconcile both.csv {allow}"));
    session.project.write(
        "list.yaml",
        "kind: Reconciliation\nname: list\nsurvey: tea\ntransactions:\n  \
                                        - {transaction_id: t-good, outcome: reject}\n",
    );
    session.ok("plan");
    session.apply();
    session.project.write("keep.csv", "transaction_id\nt-fine\n");
    session.ok("accept-list keep.csv --survey tea --yes --allow accept-list --rejects 0");
    session.uses
}

fn innovatemr(lists: &[List]) -> Uses {
    let mut session = Session::start(lists, Project::example("innovatemr"));
    session.ok("doctor");
    session.ok("lookup questions --vendor innovatemr --locale en-US");
    session.ok("feasibility");
    session.ok("plan");
    session.apply();
    session.ok("plan");
    session.edit(
        "brand-lift.yaml",
        "title: Brand lift, autumn",
        "title: Brand lift, late autumn",
    );
    session.edit("brand-lift.yaml", "completes: 300", "completes: 330");
    session.edit("brand-lift.yaml", "  age: 18-64\n", "  age: 18-54\n");
    session.edit("brand-lift.yaml", "      CORE_ENTERTAINMENT_0015: [Game console, Smart TV]    # a question of the vendor's library, by its key\n", "");
    session.edit(
        "brand-lift.yaml",
        "      - name: men\n        completes: 150\n",
        "      - name: men\n        completes: 160\n",
    );
    session.ok("status");
    session.ok("status brand-lift/us-adults");
    session.ok("freeze --yes");
    session.ok("thaw --yes --allow launch,changes");
    session.project.forget("bench");
    session.project.remove("brand-lift.yaml");
    session.ok("import --all --vendor innovatemr");
    session.uses
}

/// What the definitions of an account are looked up by.
const TOPICS: [&str; 10] = [
    "questions",
    "locales",
    "business-units",
    "study-types",
    "industries",
    "lockouts",
    "suppliers",
    "clients",
    "users",
    "rate-card",
];

/// Before the launch, and the ways into the field and out of it.
fn cint(lists: &[List]) -> Uses {
    let mut session = Session::start(lists, Project::example("cint"));
    session.ok("doctor");
    for topic in TOPICS {
        session.ok(&format!("lookup {topic} --vendor cint --locale en-US"));
    }
    session
        .project
        .edit("brand-tracker.yaml", "\nstatus: live\n", "\nstatus: draft\n");
    session.ok("feasibility");
    session.ok("plan");
    session.apply();
    session.edit(
        "brand-tracker.yaml",
        "length_of_interview: 8 ",
        "length_of_interview: 9 ",
    );
    session.edit(
        "brand-tracker.yaml",
        "title: Brand tracker, winter",
        "title: Brand tracker, spring",
    );
    session.edit("brand-tracker.yaml", "\nstatus: draft\n", "\nstatus: live\n");
    session.ok("plan");
    session.ok("plan --refresh-only");
    session.ok("status");
    session.ok("status brand-tracker/us-adults");
    session.ok("freeze --yes");
    session.ok("thaw --yes --allow launch,changes");
    // Somebody else pauses one: who it was is in the changelog.
    let project = id(&session.project, "brand-tracker");
    let group = id(&session.project, "brand-tracker/us-adults");
    session.sandbox.cint(
        "POST",
        &format!("/projects/{project}/batch-jobs/pause-fielding-runs-by-target-group-id"),
        json!({"target_group_ids": [group]}),
    );
    session.ok("plan");
    session.run("apply --yes --allow launch,changes --resume brand-tracker/us-adults");
    // What waits for its start is put off, put back and started.
    let late = "kind: Survey\nname: late\ntitle: A late one\nincidence_rate: 60\nlength_of_interview: 8\n\
        field: {start: 2036-01-01T00:00:00Z, end: 2036-12-15T18:00:00Z}\nlive_url: https://survey.example.com/s?rid=[%RID%]\n\
        test_url: https://survey.example.com/t?rid=[%RID%]\nstatus: live\ncint: {project_manager: \
        b551326b-ac9d-4d32-8823-4f025787dab9, business_unit: 3337}\ngroups:\n- {name: us, locale: en-US, completes: 100, \
        cpi: 2.75 USD}\n";
    session.project.write("late.yaml", late);
    session.apply();
    session.ok("freeze late --yes");
    session.ok("thaw late --yes --allow launch,changes");
    session.edit("late.yaml", "status: live", "status: closed");
    // One that reached its goal goes on when it is raised.
    let group = id(&session.project, "brand-tracker/us-hispanic");
    session.respondents(json!({"vendor": "cint", "group": group, "completes": 200}));
    session.ok("plan");
    session.apply();
    session
        .project
        .edit("brand-tracker.yaml", "completes: 200", "completes: 240");
    session.project.edit(
        "brand-tracker.yaml",
        "name: young-men\n        completes: 50",
        "name: young-men\n        completes: 90",
    );
    session.apply();
    session.project.forget("bench");
    session.project.remove("brand-tracker.yaml");
    session.project.remove("late.yaml");
    // A target group is none of its projects; the vendor says which one it is in.
    session.run(&format!("import --vendor cint --id {group}"));
    session.ok("import --all --vendor cint");
    session.uses
}

/// Changes of what is in field, where every part is a resource of its own.
fn cint_groups(lists: &[List]) -> Uses {
    let mut session = Session::start(lists, Project::example("exclusion-group-cint"));
    session.apply();
    session.ok("plan");
    session.edit("waves.yaml", "all waves", "every wave");
    session.edit("waves.yaml", "surveys: [\"wave-*\"]", "surveys: [wave-1]");
    session.uses
}

/// Lists of respondents: uploaded to a draft, and another time.
fn cint_lists(lists: &[List]) -> Uses {
    let mut session = Session::start(lists, Project::empty());
    let draft = crate::support::CINT.replace("status: live", "status: draft");
    let named = "  completes: 2\n  recontact: {file: again.csv}\n  exclude_respondents: {file: out.csv}\n";
    session
        .project
        .write("tracker.yaml", &draft.replace("  completes: 100\n", named));
    let ids = |count: u32| -> String {
        (0..count)
            .map(|at| format!("00000000-0000-4000-8000-{at:012}\n"))
            .collect()
    };
    for count in [2, 3] {
        session.project.write("again.csv", &ids(count));
        session.project.write("out.csv", &ids(count + 1));
        session.apply();
    }
    session.uses
}

fn cint_in_field(lists: &[List]) -> Uses {
    let mut session = Session::start(lists, Project::example("cint"));
    let file = "brand-tracker.yaml";
    let own = "    cpi: 3.10 USD\n";
    session.project.edit(
        file,
        own,
        &format!(
            "{own}    cint:\n      filling_strategy: completes\n      exclude_within_project: true\n      \
             activity_exclusions: [{{type: project, id: 01KH287TE2W1GKTJJ91QCCHWP9, days: 30}}]\n      \
             allocations: {{exchange: {{min: 0, max: 60}}, blocked_suppliers: [421], groups: [{{name: Premium, min: 40, max: \
             80, suppliers: [420]}}]}}\n"
        ),
    );
    session.apply();
    session.ok("plan");
    session.ok("plan --refresh-only");
    // With the next change, so that the quotas add up to the goal.
    session.project.edit(
        file,
        "name: men\n        completes: 150",
        "name: men\n        completes: 160",
    );
    for (from, to) in [
        ("completes: 300", "completes: 310"),
        ("strategy: completes", "strategy: prescreens"),
        ("within_project: true", "within_project: false"),
        ("days: 30", "days: 60"),
        ("max: 60", "max: 70"),
        ("length_of_interview: 8 ", "length_of_interview: 9 "),
        ("2.75 USD", "2.95 USD"),
        ("balance_fill: false", "balance_fill: true"),
        ("2036-12-15", "2036-12-16"),
        ("age: 18-64", "age: 18-54"),
        ("title: Brand tracker, winter", "title: Brand tracker, spring"),
    ] {
        session.edit(file, from, to);
    }
    session.ok("plan");
    // After the dearest one, those of one project are paused at once.
    let names = ["a", "b", "c"]
        .map(|name| format!("- {{name: {name}, locale: en-US, completes: 100, cpi: 2.75 USD}}\n"));
    session.project.write(
        "many.yaml",
        &format!(
            "kind: Survey\nname: many\ntitle: Many of them\nincidence_rate: 60\nlength_of_interview: 8\nfield: {{end: \
             2036-12-15T18:00:00Z}}\nlive_url: https://survey.example.com/s?rid=[%RID%]\ntest_url: \
             https://survey.example.com/t?rid=[%RID%]\nstatus: live\ncint: {{project_manager: \
             b551326b-ac9d-4d32-8823-4f025787dab9, business_unit: 3337}}\ngroups:\n{}",
            names.concat()
        ),
    );
    session.apply();
    session.ok("freeze many --yes");
    session.ok("thaw many --yes --allow launch,changes");
    session.uses
}

fn cint_outcomes(lists: &[List]) -> Uses {
    let mut session = Session::start(lists, Project::example("cint"));
    session.apply();
    let group = id(&session.project, "brand-tracker/us-adults");
    let item = |id: &str, expired: bool| json!({"transaction_id": id, "expired": expired});
    session.sandbox.admin(
        "POST",
        "transactions",
        json!({"vendor": "cint", "group": group, "transactions": [item("R1-A", false), item("R2-B", true)]}),
    );
    session.project.write(
        "rejects.csv",
        "transaction_id,outcome,reason\nR1-A,reject,Speeder\nR2-B,reject,\n",
    );
    // One came too late, which is told, and is what the code says.
    session
        .run("reconcile rejects.csv --survey brand-tracker --yes --allow reconcile")
        .code(3);
    session.respondents(json!({"vendor": "cint", "group": group, "completes": 3}));
    session.project.write("keep.csv", "transaction_id\nR1-A\n");
    session.ok("accept-list keep.csv --survey brand-tracker --yes --allow accept-list --rejects 2");
    session.uses
}
