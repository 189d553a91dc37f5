//! Kinds of studies, as manifests to begin with.

use super::lines::{SURVEYS, StarterFile, sample, schema_line, vendors, written};
use crate::marketplace::shelf::sample::{END, Line, NAME, Sample, line};
use crate::model::VendorId;
use crate::yaml;

/// A kind of study.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Study {
    /// One survey.
    Simple,
    /// A survey with stages.
    SoftLaunch,
    /// A survey with quotas like the population.
    CensusBalanced,
    /// A survey of every market in every wave.
    Tracker,
    /// A survey that several marketplaces field.
    SeveralMarketplaces,
    /// Surveys that keep their respondents out of each other.
    ExclusionGroup,
}

impl Study {
    /// All of them.
    pub const ALL: [Self; 6] = [
        Self::Simple,
        Self::SoftLaunch,
        Self::CensusBalanced,
        Self::Tracker,
        Self::SeveralMarketplaces,
        Self::ExclusionGroup,
    ];

    /// The word on the command line.
    pub fn word(self) -> &'static str {
        match self {
            Self::Simple => "simple",
            Self::SoftLaunch => "soft-launch",
            Self::CensusBalanced => "census-balanced",
            Self::Tracker => "tracker",
            Self::SeveralMarketplaces => "several-marketplaces",
            Self::ExclusionGroup => "exclusion-group",
        }
    }

    /// What it is, for people.
    pub fn about(self) -> &'static str {
        match self {
            Self::Simple => "one survey with two quotas",
            Self::SoftLaunch => "a few completes first, then the rest",
            Self::CensusBalanced => "quotas by gender, age and, where the marketplace has it, region",
            Self::Tracker => "one document, a survey of every market in every wave",
            Self::SeveralMarketplaces => "one survey, its completes shared by marketplaces",
            Self::ExclusionGroup => "two waves that keep their respondents out of each other",
        }
    }

    /// The name of the first one of a project.
    pub fn name(self) -> &'static str {
        match self {
            Self::Simple => "first-survey",
            Self::SeveralMarketplaces => "brand-study",
            Self::ExclusionGroup => "waves",
            Self::SoftLaunch | Self::CensusBalanced | Self::Tracker => self.word(),
        }
    }

    /// Whether a marketplace has what it takes.
    pub fn fits(self, vendor: VendorId) -> bool {
        match self {
            Self::ExclusionGroup => vendor.facts().exclusion_groups.is_some(),
            Self::SeveralMarketplaces => vendors().len() > 1,
            Self::Simple | Self::SoftLaunch | Self::CensusBalanced | Self::Tracker => true,
        }
    }

    /// The marketplaces that field it.
    pub fn vendors(self, first: VendorId) -> Vec<VendorId> {
        let mut all = vec![first];
        if self == Self::SeveralMarketplaces {
            all.extend(vendors().into_iter().filter(|vendor| *vendor != first));
        }
        all
    }
}

/// What is wanted of a new study.
#[derive(Debug, Clone, Copy)]
pub struct Wanted<'a> {
    /// Its name; a valid one.
    pub name: &'a str,
    /// Its title.
    pub title: &'a str,
    /// The marketplace that fields it, or the first one.
    pub vendor: VendorId,
    /// The kind.
    pub study: Study,
    /// When it ends, where a marketplace asks for a time.
    pub end: &'a str,
    /// The address of the schema, as files in the folder of surveys have it.
    pub schema: Option<&'a str>,
}

/// Where comments begin.
const COLUMN: usize = 34;

/// Age groups with their shares of adults in the U.S. census of 2020, rounded.
const AGES: [(&str, &str); 6] = [
    ("18-24", "12%"),
    ("25-34", "18%"),
    ("35-44", "17%"),
    ("45-54", "16%"),
    ("55-64", "16%"),
    ("65-99", "21%"),
];

/// The manifests of a study, in the folder of surveys.
pub fn manifests(wanted: &Wanted<'_>) -> Vec<StarterFile> {
    let file = |name: &str, text: String| (format!("{SURVEYS}/{name}.yaml"), text);
    if wanted.study != Study::ExclusionGroup {
        return vec![file(wanted.name, survey(wanted))];
    }
    let names: Vec<String> = (1..=2).map(|wave| format!("{}-{wave}", wanted.name)).collect();
    let members: Vec<&str> = names.iter().map(String::as_str).collect();
    let mut files = vec![file(
        wanted.name,
        group(
            wanted.name,
            wanted.title,
            &members,
            chooses_days(wanted.vendor),
            wanted.schema,
        ),
    )];
    for (name, wave) in names.iter().zip(1..) {
        let title = format!("{}, wave {wave}", wanted.title);
        let wave = Wanted {
            name,
            title: &title,
            study: Study::Simple,
            ..*wanted
        };
        files.push(file(name, survey(&wave)));
    }
    files
}

/// Whether a marketplace lets one choose how long an exclusion lasts.
pub fn chooses_days(vendor: VendorId) -> bool {
    let groups = vendor.facts().exclusion_groups;
    groups.is_some_and(|groups| groups.fixed_days.is_none())
}

/// A group of surveys that keep their respondents out of each other.
pub fn group(name: &str, title: &str, surveys: &[&str], days: bool, schema: Option<&str>) -> String {
    let mut page = Page::new(schema);
    page.comment("Whoever took one of the surveys is kept out of the others.");
    page.line(line("kind", "SurveyGroup"));
    page.line(Line {
        value: name,
        ..line("name", "").about("shares the namespace of surveys")
    });
    page.line(Line {
        value: &yaml::text(title, false),
        ..line("title", "")
    });
    page.line(Line {
        value: &format!("[{}]", surveys.join(", ")),
        ..line("surveys", "").about("names of this project, or ids of other surveys as numbers")
    });
    if days {
        page.line(line("exclusion_days", "90"));
    }
    page.0
}

/// A text that grows line by line.
struct Page(String);

impl Page {
    fn new(schema: Option<&str>) -> Self {
        Self(schema_line(schema))
    }

    fn comment(&mut self, text: &str) {
        self.0.push_str(&format!("# {text}\n"));
    }

    fn line(&mut self, line: Line<'_>) {
        self.indented("", &line);
    }

    fn indented(&mut self, indent: &str, line: &Line<'_>) {
        let text = written(line, COLUMN - indent.len());
        self.0.push_str(&format!("{indent}{text}\n"));
    }

    fn raw(&mut self, text: &str, about: &str) {
        let line = match about {
            "" => text.to_owned(),
            about => format!("{text:COLUMN$} # {about}"),
        };
        self.0.push_str(&format!("{line}\n"));
    }
}

fn survey(wanted: &Wanted<'_>) -> String {
    let Wanted {
        name, study, vendor, ..
    } = *wanted;
    let tracker = study == Study::Tracker;
    let mut page = Page::new(wanted.schema);
    page.comment(match study {
        Study::Tracker => {
            "One document, a survey of every market in every wave. What is left out is not managed."
        }
        Study::SeveralMarketplaces => {
            "One survey, several marketplaces: they share its completes and quotas."
        }
        _ => "A survey. What is left out is not managed: never compared and never reset.",
    });
    page.line(line("kind", "Survey"));
    let full_name = if tracker {
        format!("{name}-${{market}}-w${{wave}}")
    } else {
        name.to_owned()
    };
    page.line(Line {
        value: &full_name,
        ..line("name", "").about("its identity in git; do not rename it while it is in field")
    });
    let mut title = wanted.title.to_owned();
    if tracker {
        page.raw("matrix:", "one survey of every combination");
        page.raw("  market:", "");
        for (market, locale) in [("us", "en-US"), ("ca", "en-CA"), ("uk", "en-GB")] {
            page.raw(
                &format!("    - {{name: {market}, locale: {locale}, completes: 100}}"),
                "",
            );
        }
        page.raw("  wave: [1]", "add 2 when the second wave begins");
        title.push_str(" ${market}, wave ${wave}");
    }
    page.line(Line {
        value: &yaml::text(&title, false),
        ..line("title", "")
    });
    if tracker {
        page.line(line("locale", "${market.locale}"));
        page.line(line("completes", "${market.completes}"));
    } else {
        page.line(line("locale", "en-US"));
        let completes = match study {
            Study::SoftLaunch => "400",
            Study::CensusBalanced => "1000",
            Study::SeveralMarketplaces => "300",
            _ => "100",
        };
        page.line(line("completes", completes).about("completed interviews wanted"));
    }
    page.line(line("incidence_rate", "50").about("percent of respondents who qualify"));
    page.line(line("length_of_interview", "5").about("minutes"));
    let several = study == Study::SeveralMarketplaces;
    if let (false, Some(sample)) = (several, sample(vendor)) {
        fields(&mut page, "", &sample, wanted);
    }
    page.line(line("status", "draft").about("draft, live, paused or closed; `live` starts to cost money"));
    respondents(&mut page, wanted);
    if study == Study::SoftLaunch {
        stages(&mut page, wanted);
    }
    let all = study.vendors(vendor);
    for (place, vendor) in all.iter().enumerate() {
        let Some(sample) = sample(*vendor) else { continue };
        let about = match several {
            false => "the vendor that fields it, and what only this vendor has",
            true if place == 0 => "what a block says counts at its marketplace only",
            true => "",
        };
        page.raw(&format!("{}:", vendor.key()), about);
        if several && place + 1 < all.len() {
            let share = format!("{}%", 100 / all.len());
            page.indented(
                "  ",
                &Line {
                    value: &share,
                    ..line("share", "")
                },
            );
        } else if several {
            page.raw("  # without a share of its own it gets the rest", "");
        }
        for line in sample.settings {
            page.indented("  ", line);
        }
        if several {
            fields(&mut page, "  ", &sample, wanted);
        }
    }
    page.0
}

/// Time in field, price and addresses.
fn fields(page: &mut Page, indent: &str, sample: &Sample, wanted: &Wanted<'_>) {
    for line in sample.fields {
        let value = line.value.replace(NAME, wanted.name).replace(END, wanted.end);
        page.indented(
            indent,
            &Line {
                value: &value,
                ..*line
            },
        );
    }
}

/// Who takes part.
fn respondents(page: &mut Page, wanted: &Wanted<'_>) {
    let balanced = wanted.study == Study::CensusBalanced;
    page.raw(
        "qualifications:",
        "all must hold; answers within one are alternatives",
    );
    page.raw(if balanced { "  age: 18-99" } else { "  age: 18-64" }, "");
    let vendors = wanted.study.vendors(wanted.vendor);
    let mut samples = vendors.into_iter().filter_map(sample);
    if samples.any(|sample| sample.quotas_are_targets) {
        page.raw("  gender: [male, female]", "quotas count by what is asked here");
    }
    page.raw("quotas:", "shares are apportioned so that their sum is exact");
    if !balanced {
        for (name, share, answer) in [("men", "49%", "male"), ("women", "51%", "female")] {
            page.raw(&format!("  - name: {name}"), "");
            page.raw(&format!("    completes: {share}"), "");
            page.raw(&format!("    where: {{gender: {answer}}}"), "");
        }
        return;
    }
    let mut quota = |name: &str, share: &str, question: &str, answer: &str| {
        let text = format!("  - {{name: {name}, completes: {share}, where: {{{question}: {answer}}}}}");
        page.raw(&text, "");
    };
    // Each question by itself: everybody counts for one quota of each.
    quota("men", "49%", "gender", "male");
    quota("women", "51%", "gender", "female");
    for (age, share) in AGES {
        quota(&format!("age-{age}"), share, "age", age);
    }
    if let Some((question, answers)) = sample(wanted.vendor).and_then(|sample| sample.regions) {
        for (answer, share) in answers {
            quota(answer, share, question, answer);
        }
    }
}

/// A soft launch. Where completes are not counted, nothing goes on by itself.
fn stages(page: &mut Page, wanted: &Wanted<'_>) {
    let next = format!(
        "somebody looks; `infield apply --advance {}=ramp` goes on",
        wanted.name
    );
    page.raw("stages:", "completes in all");
    page.raw("  - {name: soft, completes: 10%, then: hold}", &next);
    match wanted.vendor.facts().counts_completes {
        true => page.raw(
            "  - {name: ramp, completes: 50%}",
            "goes on by itself once it is collected",
        ),
        false => page.raw("  - {name: ramp, completes: 50%, then: hold}", ""),
    }
    page.raw("  - {name: full}", "");
}
