using System.Globalization;
using System.Text.RegularExpressions;
using FhirEmr.BillingBridge.Charges;
using Hl7.Fhir.Model;

namespace FhirEmr.BillingBridge.EvaluationManagement;

/// <summary>The clinician's own total time on the calendar day (billing spec 4.2). How long the encounter lasted is not it.</summary>
internal sealed partial class TimeReader(VisitRecord record, EmDataAnswers answers)
{
    private const int MinutesOfDay = 24 * 60;

    private readonly List<TimeFact> found = [];

    public List<Support> NotCounted { get; } = [];

    public List<Support> Questions { get; } = [];

    public IReadOnlyList<TimeFact> Read()
    {
        foreach (var extension in record.Chart.Encounter.Extension.Where(e => e.Url == EvaluationUrls.TotalTime))
            Add(extension.Value as DataType, record.EncounterReference, "total time on the encounter");
        foreach (var (response, value) in answers.Of("total-time"))
            Add(value, response, "total time in the clinician's answers");
        foreach (var note in NoteText.Notes(record))
            AddFrom(note);

        var said = found.Where(t => t.Confidence == Confidence.Documented).Select(t => t.Minutes).Distinct().Order().ToList();
        if (said.Count > 1)
            Questions.Add(new(record.EncounterReference, $"Total time is stated as {string.Join(" and ", said.Select(m => m.ToString(CultureInfo.InvariantCulture)))} minutes; the least counts."));
        if (said.Count > 0 && Separate() is { Length: > 0 } services)
            Questions.Add(new(record.EncounterReference, $"Do the {said[0]} minutes leave out the time of what is billed by itself ({services})?"));
        return found;
    }

    private void Add(DataType? value, string reference, string what)
    {
        int? minutes = value switch
        {
            Integer integer => integer.Value,
            Quantity { Value: { } amount } quantity when (quantity.Code ?? quantity.Unit) is "min" or "minutes" or "minute" => (int)decimal.Floor(amount),
            Quantity { Value: { } amount } quantity when (quantity.Code ?? quantity.Unit) is "h" or "hour" or "hours" => (int)decimal.Floor(amount * 60),
            _ => null,
        };
        if (minutes is > 0 and <= MinutesOfDay)
            found.Add(new(minutes.Value, Confidence.Documented, new(reference, $"{minutes} minutes: {what}.")));
        else
            NotCounted.Add(new(reference, minutes is null ? $"The {what} is not in minutes or hours." : $"{minutes} minutes of {what} is no time of one day."));
    }

    private void AddFrom(Composition note)
    {
        var reference = $"Composition/{note.Id}";
        foreach (var sentence in NoteText.Sentences(note))
        {
            if (Minutes().Match(sentence) is not { Success: true } match || !int.TryParse(match.Groups[1].ValueSpan, NumberStyles.None, CultureInfo.InvariantCulture, out var minutes) || minutes == 0)
                continue;
            if (!record.IsOnDay(note.Date))
                NotCounted.Add(new(reference, $"\"{sentence}\" is in a note of {note.Date ?? "no date"}, not of the day."));
            else if (record.Clinician is not { } clinician || !note.Author.Exists(a => record.PractitionerOf(a) == clinician))
                NotCounted.Add(new(reference, $"\"{sentence}\" is in a note whose author is not the encounter's clinician."));
            else
                found.Add(new(minutes, TotalTimeText().IsMatch(sentence) ? Confidence.Documented : Confidence.Inferred, new(reference, $"{minutes} minutes: the note says \"{sentence}\"")));
        }
    }

    private string Separate() => string.Join(", ", record.Charges
        .SelectMany(c => c.Code.Codes()).Select(c => c.Code)
        .Where(c => c.Length == 5 && !CodeFacts.IsEvaluationAndManagement(c) && !CodeFacts.IsLaboratory(c) && !CodeFacts.IsDrug(c) && c != "G2211")
        .Distinct());

    [GeneratedRegex(@"\b(\d{1,3})\s*min", RegexOptions.IgnoreCase, 1000)]
    private static partial Regex Minutes();

    // "Walks 30 min a day" has minutes, too: only a sentence about the clinician's time is a statement of it.
    [GeneratedRegex(@"\b(total|spent)\b", RegexOptions.IgnoreCase, 1000)]
    private static partial Regex TotalTimeText();
}
