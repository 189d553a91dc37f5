//! The states of the USA as PureSpectrum numbers them, with the regions and divisions that they make up.
//!
//! PureSpectrum's codes are the state numbers of FIPS 5-2 without leading zeros (vendor wiki 34552054 shows `1`, `6` and `12`
//! for Alabama, California and Florida). Regions and divisions are those of the Census Bureau.

use crate::model::codebook::{Answer, AnswerSet, Grouping};

/// The vendor's code of the question.
pub(super) const QUESTION: &str = "225";

const fn state(
    code: &'static str,
    name: &'static str,
    label: &'static str,
    also: &'static [&'static str],
) -> Answer {
    Answer::new(code, name, label).also(also)
}

const fn set(name: &'static str, label: &'static str, codes: &'static [&'static str]) -> AnswerSet {
    AnswerSet { name, label, codes }
}

/// The fifty states, the District of Columbia and the territories.
pub(super) const STATES: &[Answer] = &[
    state("1", "alabama", "Alabama", &["Alabama", "AL"]),
    state("2", "alaska", "Alaska", &["Alaska", "AK"]),
    state("4", "arizona", "Arizona", &["Arizona", "AZ"]),
    state("5", "arkansas", "Arkansas", &["Arkansas", "AR"]),
    state("6", "california", "California", &["California", "CA"]),
    state("8", "colorado", "Colorado", &["Colorado", "CO"]),
    state("9", "connecticut", "Connecticut", &["Connecticut", "CT"]),
    state("10", "delaware", "Delaware", &["Delaware", "DE"]),
    state(
        "11",
        "district-of-columbia",
        "District of Columbia",
        &["District of Columbia", "DC"],
    ),
    state("12", "florida", "Florida", &["Florida", "FL"]),
    state("13", "georgia", "Georgia", &["Georgia", "GA"]),
    state("15", "hawaii", "Hawaii", &["Hawaii", "HI"]),
    state("16", "idaho", "Idaho", &["Idaho", "ID"]),
    state("17", "illinois", "Illinois", &["Illinois", "IL"]),
    state("18", "indiana", "Indiana", &["Indiana", "IN"]),
    state("19", "iowa", "Iowa", &["Iowa", "IA"]),
    state("20", "kansas", "Kansas", &["Kansas", "KS"]),
    state("21", "kentucky", "Kentucky", &["Kentucky", "KY"]),
    state("22", "louisiana", "Louisiana", &["Louisiana", "LA"]),
    state("23", "maine", "Maine", &["Maine", "ME"]),
    state("24", "maryland", "Maryland", &["Maryland", "MD"]),
    state("25", "massachusetts", "Massachusetts", &["Massachusetts", "MA"]),
    state("26", "michigan", "Michigan", &["Michigan", "MI"]),
    state("27", "minnesota", "Minnesota", &["Minnesota", "MN"]),
    state("28", "mississippi", "Mississippi", &["Mississippi", "MS"]),
    state("29", "missouri", "Missouri", &["Missouri", "MO"]),
    state("30", "montana", "Montana", &["Montana", "MT"]),
    state("31", "nebraska", "Nebraska", &["Nebraska", "NE"]),
    state("32", "nevada", "Nevada", &["Nevada", "NV"]),
    state("33", "new-hampshire", "New Hampshire", &["New Hampshire", "NH"]),
    state("34", "new-jersey", "New Jersey", &["New Jersey", "NJ"]),
    state("35", "new-mexico", "New Mexico", &["New Mexico", "NM"]),
    state("36", "new-york", "New York", &["New York", "NY"]),
    state(
        "37",
        "north-carolina",
        "North Carolina",
        &["North Carolina", "NC"],
    ),
    state("38", "north-dakota", "North Dakota", &["North Dakota", "ND"]),
    state("39", "ohio", "Ohio", &["Ohio", "OH"]),
    state("40", "oklahoma", "Oklahoma", &["Oklahoma", "OK"]),
    state("41", "oregon", "Oregon", &["Oregon", "OR"]),
    state("42", "pennsylvania", "Pennsylvania", &["Pennsylvania", "PA"]),
    state("44", "rhode-island", "Rhode Island", &["Rhode Island", "RI"]),
    state(
        "45",
        "south-carolina",
        "South Carolina",
        &["South Carolina", "SC"],
    ),
    state("46", "south-dakota", "South Dakota", &["South Dakota", "SD"]),
    state("47", "tennessee", "Tennessee", &["Tennessee", "TN"]),
    state("48", "texas", "Texas", &["Texas", "TX"]),
    state("49", "utah", "Utah", &["Utah", "UT"]),
    state("50", "vermont", "Vermont", &["Vermont", "VT"]),
    state("51", "virginia", "Virginia", &["Virginia", "VA"]),
    state("53", "washington", "Washington", &["Washington", "WA"]),
    state("54", "west-virginia", "West Virginia", &["West Virginia", "WV"]),
    state("55", "wisconsin", "Wisconsin", &["Wisconsin", "WI"]),
    state("56", "wyoming", "Wyoming", &["Wyoming", "WY"]),
    state(
        "60",
        "american-samoa",
        "American Samoa",
        &["American Samoa", "AS"],
    ),
    state("66", "guam", "Guam", &["Guam", "GU"]),
    state(
        "69",
        "northern-mariana-islands",
        "Northern Mariana Islands",
        &["Northern Mariana Islands", "MP"],
    ),
    state("72", "puerto-rico", "Puerto Rico", &["Puerto Rico", "PR"]),
    state(
        "78",
        "us-virgin-islands",
        "U.S. Virgin Islands",
        &["U.S. Virgin Islands", "VI"],
    ),
];

/// Regions and divisions.
pub(super) const GROUPINGS: &[Grouping] = &[
    Grouping {
        name: "us_region",
        label: "US region",
        question: QUESTION,
        sets: REGIONS,
        source: SOURCE,
    },
    Grouping {
        name: "us_division",
        label: "US division",
        question: QUESTION,
        sets: DIVISIONS,
        source: SOURCE,
    },
];

const SOURCE: &str = "US Census Bureau, regions and divisions";

const REGIONS: &[AnswerSet] = &[
    set(
        "northeast",
        "Northeast",
        &["9", "23", "25", "33", "34", "36", "42", "44", "50"],
    ),
    set(
        "midwest",
        "Midwest",
        &[
            "17", "18", "19", "20", "26", "27", "29", "31", "38", "39", "46", "55",
        ],
    ),
    set(
        "south",
        "South",
        &[
            "1", "5", "10", "11", "12", "13", "21", "22", "24", "28", "37", "40", "45", "47", "48", "51",
            "54",
        ],
    ),
    set(
        "west",
        "West",
        &[
            "2", "4", "6", "8", "15", "16", "30", "32", "35", "41", "49", "53", "56",
        ],
    ),
];

const DIVISIONS: &[AnswerSet] = &[
    set("new-england", "New England", &["9", "23", "25", "33", "44", "50"]),
    set("middle-atlantic", "Middle Atlantic", &["34", "36", "42"]),
    set(
        "east-north-central",
        "East North Central",
        &["17", "18", "26", "39", "55"],
    ),
    set(
        "west-north-central",
        "West North Central",
        &["19", "20", "27", "29", "31", "38", "46"],
    ),
    set(
        "south-atlantic",
        "South Atlantic",
        &["10", "11", "12", "13", "24", "37", "45", "51", "54"],
    ),
    set(
        "east-south-central",
        "East South Central",
        &["1", "21", "28", "47"],
    ),
    set(
        "west-south-central",
        "West South Central",
        &["5", "22", "40", "48"],
    ),
    set(
        "mountain",
        "Mountain",
        &["4", "8", "16", "30", "32", "35", "49", "56"],
    ),
    set("pacific", "Pacific", &["2", "6", "15", "41", "53"]),
];

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeSet;

    #[test]
    fn every_state_is_in_one_region_and_in_one_division_and_no_territory_is() {
        let states: BTreeSet<&str> = STATES.iter().map(|state| state.code).collect();
        assert_eq!(states.len(), 56);
        for grouping in GROUPINGS {
            let mut left = states.clone();
            for set in grouping.sets {
                for code in set.codes {
                    assert!(left.remove(code), "{}: {code}", set.name);
                }
            }
            assert_eq!(
                left,
                BTreeSet::from(["60", "66", "69", "72", "78"]),
                "{}",
                grouping.name
            );
        }
        for division in DIVISIONS {
            let within = |region: &&AnswerSet| division.codes.iter().all(|code| region.codes.contains(code));
            assert_eq!(REGIONS.iter().filter(within).count(), 1, "{}", division.name);
        }
    }
}
