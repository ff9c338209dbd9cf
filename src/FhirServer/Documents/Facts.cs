using System.Text;
using FhirEmr.FhirServer.Resources;

namespace FhirEmr.FhirServer.Documents;

/// <summary>Elements of stored resources as they are asked for again and again: codes, times, values, and their words for people.</summary>
internal static class Facts
{
    /// <summary>All children of that name, lists flattened.</summary>
    public static IEnumerable<FhirNode> Each(this FhirNode node, string name)
    {
        if (!node.Exists)
            return [];
        var (found, id) = (new List<FhirNode>(), FhirNames.Id(name));
        foreach (var child in node.Children)
            if (child.NameId == id && child.HasValue)
                found.Add(child);
        return found;
    }

    public static FhirNode At(this FhirNode node, params ReadOnlySpan<string> path)
    {
        foreach (var name in path)
        {
            if (!node.Exists)
                return default;
            node = node.Child(name);
        }

        return node;
    }

    public static string? Say(this FhirNode node, params ReadOnlySpan<string> path) => node.At(path) is { Exists: true } found ? found.Text : null;

    /// <summary>Whether a CodeableConcept, or one of a list of them, has the code, in whatever system.</summary>
    public static bool HasCode(this FhirNode node, string name, params ReadOnlySpan<string> codes)
    {
        foreach (var concept in node.Each(name))
            foreach (var coding in concept.Each("coding"))
                if (coding.TextOf("code") is { } code && codes.Contains(code))
                    return true;
        return false;
    }

    /// <summary>First code of a CodeableConcept; null without one.</summary>
    public static string? Code(this FhirNode node, string name) => node.At(name, "coding", "code") is { Exists: true } code ? code.Text : null;

    /// <summary>When it was or began, as written; the empty text sorts before all.</summary>
    public static string When(this FhirNode resource, params ReadOnlySpan<string> names)
    {
        foreach (var name in names)
            if (resource.Child(name) is { Exists: true } time)
                if ((time.Type.Name is "Period" or "Timing" ? time.TextOf("start") ?? time.Say("event") ?? time.TextOf("end") : time.Kind == NodeKind.Text ? time.Text : null) is { } text)
                    return text;
        return "";
    }

    /// <summary>A CodeableConcept in words.</summary>
    public static string? Words(this FhirNode concept)
    {
        if (!concept.Exists)
            return null;
        if (concept.TextOf("text") is { } text)
            return text;
        string? code = null;
        foreach (var coding in concept.Each("coding"))
        {
            if (coding.TextOf("display") is { } display)
                return display;
            code ??= coding.TextOf("code");
        }

        return code;
    }

    /// <summary>A value of any type in words: <c>5.4 mmol/L</c>, <c>Positive</c>, <c>120 to 140 mm[Hg]</c>.</summary>
    public static string? ValueWords(this FhirNode value)
    {
        if (!value.Exists)
            return null;
        switch (value.Type.Name)
        {
            case "Quantity" or "Age" or "Duration" or "Count" or "Distance" or "SimpleQuantity":
                return $"{value.TextOf("comparator")}{value.TextOf("value")} {value.TextOf("unit") ?? value.TextOf("code")}".Trim();
            case "CodeableConcept":
                return value.Words();
            case "Range":
                return $"{value.At("low").ValueWords()} to {value.At("high").ValueWords()}";
            case "Ratio":
                return $"{value.At("numerator").ValueWords()} : {value.At("denominator").ValueWords()}";
            case "Period":
                return $"{Day(value.TextOf("start"))} to {Day(value.TextOf("end"))}";
            default:
                return value.Type.IsPrimitive ? value.Text : null;
        }
    }

    /// <summary>A date, or date and time to the minute, as people read it.</summary>
    public static string? Day(string? time) => time is null || time.Length == 0 ? null : time.Length <= 10 ? time : time.Length >= 16 ? $"{time[..10]} {time[11..16]}" : time;

    /// <summary>Whom or what a reference names, in words: its display, else what the record says of it.</summary>
    public static string? Named(this PatientRecord record, FhirNode reference)
    {
        if (!reference.Exists)
            return null;
        if (reference.TextOf("display") is { } display)
            return display;
        if (record.Find(reference.TextOf("reference")) is not { } there)
            return null;
        return there.Key.Type switch
        {
            "Practitioner" or "Patient" or "RelatedPerson" => there.Root.Child("name").PersonName(),
            "Organization" or "Location" or "HealthcareService" => there.Root.TextOf("name"),
            "Medication" or "Condition" or "Procedure" or "Observation" or "AllergyIntolerance" => there.Root.Child("code").Words(),
            "Device" => there.Root.Child("type").Words() ?? there.Root.Say("deviceName", "name"),
            "PractitionerRole" => record.Named(there.Root.Child("practitioner")),
            _ => null,
        };
    }

    public static string? PersonName(this FhirNode name)
    {
        if (!name.Exists)
            return null;
        if (name.TextOf("text") is { } text)
            return text;
        var words = new StringBuilder();
        foreach (var part in (string[])["prefix", "given", "family", "suffix"])
            foreach (var word in name.Each(part))
                words.Append(words.Length > 0 ? " " : "").Append(word.Text);
        return words.Length == 0 ? null : words.ToString();
    }

    /// <summary>The drug of a MedicationStatement or MedicationRequest, with its code, wherever it stands.</summary>
    public static FhirNode Medication(this PatientRecord record, FhirNode resource)
    {
        var medication = resource.Child("medication");
        if (!medication.Exists || medication.Type.Name != "Reference")
            return medication;
        var reference = medication.TextOf("reference");
        if (reference is ['#', .. var id])
        {
            foreach (var contained in resource.Each("contained"))
                if (contained.TextOf("id") == id)
                    return contained.Child("code");
            return default;
        }

        return record.Find(reference) is { } there ? there.Root.Child("code") : default;
    }
}
