using FhirEmr.BillingBridge.Claims;

namespace FhirEmr.BillingBridge.Kpis;

/// <summary>One claim as the KPIs count it: what its parts, taken together, say.</summary>
internal sealed record ClaimFacts
{
    public required ClaimHeader Header { get; init; }

    /// <summary>First day of service.</summary>
    public DateOnly? ServiceDay { get; init; }

    public DateOnly? FirstScrubbedOn { get; init; }

    /// <summary>The first scrub gave no rejection.</summary>
    public bool IsFirstScrubClean { get; init; }

    public DateOnly? FirstSubmittedOn { get; init; }

    /// <summary>The day it went to the patient, where no payer is asked and so nothing is submitted.</summary>
    public DateOnly? ChargedToPatientOn { get; init; }

    /// <summary>Somebody had it back as a draft between its first scrub and its first submission.</summary>
    public bool IsTouched { get; init; }

    /// <summary>How its first submission was received: true by the payer, false refused on the way (999, 277CA); null not known yet.</summary>
    public bool? IsAcceptedFirst { get; init; }

    /// <summary>Payment date of its first adjudication.</summary>
    public DateOnly? FirstAnsweredOn { get; init; }

    /// <summary>Lines of the first adjudication: paid, or the patient's, or above the contract; and none denied.</summary>
    public bool IsResolvedFirst { get; init; }

    public IReadOnlyList<DeniedLine> Denied { get; init; } = [];

    public IReadOnlyList<Posting> Postings { get; init; } = [];

    /// <summary>Work RVUs by line, in ten-thousandths, in the order of the header's lines.</summary>
    public IReadOnlyList<int> Work { get; init; } = [];

    /// <summary>By line: cents the payer allowed less than its contract says; null where no contract or no answer is known.</summary>
    public IReadOnlyList<long?> Short { get; init; } = [];

    public IReadOnlyList<int> ChronicHccs { get; init; } = [];

    /// <summary>Null for parts whose Claim is not there.</summary>
    public static ClaimFacts? Of(ClaimParts parts, KpiTables tables)
    {
        if (parts.Header is not { } header)
            return null;
        var steps = parts.Steps.Values.OrderBy(s => s.At).ThenBy(s => Rank(s.To)).ToArray();
        var scrub = Array.FindIndex(steps, s => s.From == ClaimStage.Draft);
        var submit = Array.FindIndex(steps, s => s.To == ClaimStage.Submitted);
        var first = FirstAdjudication(parts);
        var service = header.Lines.Min(l => l.Day);
        return new()
        {
            Header = header,
            ServiceDay = service,
            FirstScrubbedOn = scrub < 0 ? null : steps[scrub].On,
            IsFirstScrubClean = scrub >= 0 && steps[scrub].To == ClaimStage.Ready,
            FirstSubmittedOn = submit < 0 ? null : steps[submit].On,
            ChargedToPatientOn = Array.Find(steps, s => (s.From, s.To) == (ClaimStage.Ready, ClaimStage.PatientBalance))?.On,
            IsTouched = scrub >= 0 && submit > scrub && steps[(scrub + 1)..submit].Any(s => s.To == ClaimStage.Draft),
            IsAcceptedFirst = submit < 0 ? null : Received(steps.AsSpan(submit + 1)),
            FirstAnsweredOn = first?.PaidOn,
            IsResolvedFirst = first is not null && first.Status != "4" && DeniedLines.Of(parts, first).Count == 0,
            Denied = first is null ? [] : DeniedLines.Of(parts, first),
            Postings = PostedMoney.Of(parts, submit < 0 ? null : steps[submit].On),
            Work = WorkRvus.Of(header.Lines, tables.Fee),
            Short = [.. header.Lines.Select(l => Shortfall(parts, header, l, tables))],
            ChronicHccs = service is { } day ? [.. header.Diagnoses.SelectMany(d => tables.ChronicHccs(d, day)).Distinct()] : [],
        };
    }

    /// <summary>The first adjudication that is no reversal; where its own file took it back and corrected it, the correction.</summary>
    private static AnswerFacts? FirstAdjudication(ClaimParts parts)
    {
        var answers = parts.Answers.Values.Where(a => a.IsAdjudication).OrderBy(a => a.PaidOn).ThenBy(a => a.At).ThenBy(a => a.Id, StringComparer.Ordinal).ToArray();
        if (Array.Find(answers, a => !a.IsReversal) is not { } first)
            return null;
        var file = answers.Where(a => a.PaidOn == first.PaidOn && a.Trace is not null && a.Trace == first.Trace).ToArray();
        if (!file.Any(a => a.IsReversal))
            return first;
        // One file: the answer, its negation, and what stands. What stands is the one no reversal of the same amounts takes away.
        var left = file.Where(a => !a.IsReversal).ToList();
        foreach (var reversal in file.Where(a => a.IsReversal))
            if (left.Count > 1 && left.Find(a => a.PaidCents == -reversal.PaidCents && a.ChargeCents == -reversal.ChargeCents) is { } taken)
                left.Remove(taken);
        return left[^1];
    }

    private static bool? Received(ReadOnlySpan<StageStep> after)
    {
        foreach (var step in after)
        {
            switch (step.To)
            {
                case ClaimStage.AckRejected or ClaimStage.PayerRejected:
                    return false;
                // A payer that decides on a claim has taken it in, whether or not a 277CA said so before.
                case ClaimStage.Accepted or ClaimStage.Pended or ClaimStage.Paid or ClaimStage.PartiallyDenied or ClaimStage.Denied:
                    return true;
            }
        }

        return null;
    }

    /// <summary>Steps of one commit carry one instant: the order of the way decides.</summary>
    private static int Rank(string stage) => stage switch
    {
        ClaimStage.Draft => 0,
        ClaimStage.ScrubFailed or ClaimStage.Ready => 1,
        ClaimStage.Queued => 2,
        ClaimStage.Submitted => 3,
        ClaimStage.Forwarded or ClaimStage.AckRejected => 4,
        ClaimStage.Accepted or ClaimStage.PayerRejected => 5,
        ClaimStage.Pended => 6,
        ClaimStage.Reversed => 7,
        ClaimStage.Paid or ClaimStage.PartiallyDenied or ClaimStage.Denied => 8,
        _ => 9,
    };

    /// <summary>UNDERPAY counts a line short by more than a dollar and by more than a hundredth of the contract; smaller differences are 0. A later payer allows what it likes.</summary>
    private static long? Shortfall(ClaimParts parts, ClaimHeader header, LineFacts line, KpiTables tables)
    {
        var standing = parts.Answers.Values.Where(a => a.IsAdjudication && !a.IsReversal).OrderBy(a => a.PaidOn).ThenBy(a => a.At).LastOrDefault();
        if (standing is not { Status: "1" or "19" } || standing.Lines.FirstOrDefault(l => l.Number == line.Number) is not { } answered || answered.Adjustments.Any(a => DeniedLines.IsDenial(a, answered))
            || tables.ContractAllowed(header, line) is not { } contract)
            return null;
        var missing = contract - answered.AllowedCents;
        return missing > 100 && missing * 100 > contract ? missing : 0;
    }
}
