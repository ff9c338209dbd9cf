using System.Collections.Frozen;

namespace FhirEmr.Terminology.Index;

/// <summary>Everyday abbreviations of the clinic, written out as the titles say them.</summary>
internal static class Synonyms
{
    private static readonly FrozenDictionary<string, string[]> Meanings = new Dictionary<string, string[]>
    {
        ["htn"] = ["hypertension"],
        ["dm"] = ["diabetes", "mellitus"],
        ["dm1"] = ["type", "1", "diabetes", "mellitus"],
        ["dm2"] = ["type", "2", "diabetes", "mellitus"],
        ["t1dm"] = ["type", "1", "diabetes", "mellitus"],
        ["t2dm"] = ["type", "2", "diabetes", "mellitus"],
        ["copd"] = ["chronic", "obstructive", "pulmonary", "disease"],
        ["mi"] = ["myocardial", "infarction"],
        ["chf"] = ["heart", "failure"],
        ["cad"] = ["atherosclerotic", "heart", "disease"],
        ["ckd"] = ["chronic", "kidney", "disease"],
        ["uti"] = ["urinary", "tract", "infection"],
        ["uri"] = ["upper", "respiratory", "infection"],
        ["gerd"] = ["gastro", "esophageal", "reflux", "disease"],
        ["adhd"] = ["attention", "deficit", "hyperactivity"],
        ["afib"] = ["atrial", "fibrillation"],
        ["dvt"] = ["embolism", "thrombosis", "deep", "veins"],
        ["ra"] = ["rheumatoid", "arthritis"],
        ["oa"] = ["osteoarthritis"],
        ["tia"] = ["transient", "cerebral", "ischemic", "attack"],
        ["bph"] = ["benign", "prostatic", "hyperplasia"],
        ["cva"] = ["cerebral", "infarction"],
        ["fx"] = ["fracture"],
        ["hld"] = ["hyperlipidemia"],
        ["ptsd"] = ["post", "traumatic", "stress"],
    }.ToFrozenDictionary(StringComparer.Ordinal);

    public static IEnumerable<string> Expand(IEnumerable<string> words) =>
        words.SelectMany(w => Meanings.TryGetValue(w, out var written) ? written : [w]);
}
