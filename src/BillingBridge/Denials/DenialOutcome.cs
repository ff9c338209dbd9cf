namespace FhirEmr.BillingBridge.Denials;

/// <summary>How a denial ended, judged by the next answer to the same services (billing spec section 7, appeal record).</summary>
/// <param name="Code">One of the constants.</param>
/// <param name="WonUsd">Paid now above what was paid when it was denied.</param>
public sealed record DenialOutcome(string Code, decimal WonUsd)
{
    /// <summary>The payer stays with its decision.</summary>
    public const string Upheld = "upheld";

    /// <summary>The payer allows all of it.</summary>
    public const string Overturned = "overturned";

    /// <summary>The payer allows some of it.</summary>
    public const string Partial = "partial";

    /// <summary>Given up, with a reason.</summary>
    public const string WrittenOff = "written-off";

    /// <summary>Passed to the patient.</summary>
    public const string BilledToPatient = "billed-patient";

    /// <summary>Needed no work after all, with a reason.</summary>
    public const string NoAction = "no-action";

    public static IReadOnlyList<string> All { get; } = [Overturned, Partial, Upheld, WrittenOff, BilledToPatient, NoAction];

    public static string Words(string code) => code switch
    {
        Upheld => "The payer stays with its decision",
        Overturned => "The payer allows it",
        Partial => "The payer allows a part",
        WrittenOff => "Written off",
        BilledToPatient => "Billed to the patient",
        _ => "No action needed",
    };

    /// <summary>The end of the denied amounts under a later answer.</summary>
    /// <param name="denied">What had been denied.</param>
    /// <param name="answers">The later answer by line; lines are numbered as <paramref name="denied"/> numbers them.</param>
    /// <returns>Null when the answer says nothing about these lines.</returns>
    public static DenialOutcome? Of(IReadOnlyList<DeniedAmount> denied, IReadOnlyList<LineAnswer> answers)
    {
        var (won, lost, part, usd) = (0, 0, 0, 0m);
        foreach (var line in denied.GroupBy(d => d.Item))
        {
            // What was denied as a whole is answered by all lines together.
            var answer = line.Key is { } item
                ? answers.Where(a => a.Item == item).ToList()
                : [.. answers];
            if (answer.Count == 0)
                continue;

            var paid = answer.Sum(a => a.PaidUsd);
            var gain = Math.Max(0m, paid - line.Max(d => d.PaidUsd));
            var allowed = gain + answer.Sum(a => a.PatientUsd);
            var stillDenied = answer.Sum(a => a.DeniedUsd);
            usd += gain;
            if (stillDenied == 0 && (allowed > 0 || paid > 0))
                won++;
            else if (gain == 0)
                lost++;
            else
                part++;
        }

        return (won, lost, part) switch
        {
            (0, 0, 0) => null,
            ( > 0, 0, 0) => new DenialOutcome(Overturned, usd),
            (0, > 0, 0) => new DenialOutcome(Upheld, usd),
            _ => new DenialOutcome(Partial, usd),
        };
    }
}
