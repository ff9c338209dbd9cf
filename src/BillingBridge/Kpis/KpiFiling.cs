namespace FhirEmr.BillingBridge.Kpis;

/// <summary>Takes what single resources say into the parts they are filed under: pure, whoever keeps the parts.</summary>
public static class KpiFiling
{
    /// <summary>Files what one resource of a claim says.</summary>
    public static void File(ClaimParts parts, KpiRecord record)
    {
        ArgumentNullException.ThrowIfNull(parts);
        switch (record)
        {
            case KpiRecord.OfClaim claim:
                parts.Header = claim.Header;
                break;
            case KpiRecord.OfStep step:
                parts.Steps[step.Step.Id] = step.Step;
                break;
            case KpiRecord.OfAnswer answer:
                parts.Answers[answer.Answer.Id] = answer.Answer;
                break;
            case KpiRecord.OfJournal journal:
                parts.Journal[journal.Id] = journal.Entry;
                break;
            default:
                throw new ArgumentException($"{record?.GetType().Name} is no part of a claim.", nameof(record));
        }
    }

    /// <summary>Takes out what a resource said that is no longer there, or says nothing any more.</summary>
    public static void Remove(ClaimParts parts, string type, string id)
    {
        ArgumentNullException.ThrowIfNull(parts);
        switch (type)
        {
            case "Claim":
                parts.Header = null;
                break;
            case "Provenance":
                parts.Steps.Remove(id);
                break;
            case "ClaimResponse":
                parts.Answers.Remove(id);
                break;
            case "Basic":
                parts.Journal.Remove(id);
                break;
        }
    }
}
