//! BCP 47 tags and the locales of the vendor: ISO 639-2/T and ISO 3166, `eng_us` (OpenAPI, `get_locales`).

/// Languages: ISO 639-1 and ISO 639-2/T. Chinese, which is written in two ways, comes last: the vendor tells them apart by
/// names of its own.
const LANGUAGES: [&str; 59] = [
    "af_afr", "am_amh", "ar_ara", "az_aze", "bg_bul", "bn_ben", "bs_bos", "ca_cat", "cs_ces", "da_dan",
    "de_deu", "el_ell", "en_eng", "es_spa", "et_est", "eu_eus", "fa_fas", "fi_fin", "fr_fra", "gl_glg",
    "gu_guj", "he_heb", "hi_hin", "hr_hrv", "hu_hun", "id_ind", "is_isl", "it_ita", "ja_jpn", "ka_kat",
    "kk_kaz", "kn_kan", "ko_kor", "lt_lit", "lv_lav", "mk_mkd", "ml_mal", "mr_mar", "ms_msa", "nb_nob",
    "nl_nld", "no_nor", "pa_pan", "pl_pol", "pt_por", "ro_ron", "ru_rus", "sk_slk", "sl_slv", "sq_sqi",
    "sr_srp", "sv_swe", "sw_swa", "ta_tam", "th_tha", "tr_tur", "uk_ukr", "vi_vie", "zh_zho",
];

/// The codes of languages, short and long.
fn languages() -> impl Iterator<Item = (&'static str, &'static str)> {
    LANGUAGES.iter().filter_map(|codes| codes.split_once('_'))
}

/// The vendor's code of a tag with language and region; `None` where infield does not know the language.
pub(super) fn to_vendor(tag: &str) -> Option<String> {
    let (language, region) = tag.split_once('-')?;
    let plain = region.len() == 2 && region.bytes().all(|b| b.is_ascii_alphabetic());
    let (_, code) = languages().find(|(short, _)| short.eq_ignore_ascii_case(language))?;
    plain.then(|| format!("{code}_{}", region.to_ascii_lowercase()))
}

/// The tag of a vendor's code.
pub(super) fn from_vendor(code: &str) -> Option<String> {
    let (language, region) = code.split_once('_')?;
    let (short, _) = languages().find(|(_, long)| long.eq_ignore_ascii_case(language))?;
    Some(format!("{short}-{}", region.to_ascii_uppercase()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_language_goes_there_and_back() {
        for (short, long) in languages() {
            let code = to_vendor(&format!("{short}-US")).unwrap();
            assert_eq!(code, format!("{long}_us"));
            assert_eq!(from_vendor(&code).unwrap(), format!("{short}-US"));
        }
        assert_eq!(to_vendor("en"), None);
        assert_eq!(to_vendor("xx-US"), None);
        assert_eq!(from_vendor("eng"), None);
    }
}
