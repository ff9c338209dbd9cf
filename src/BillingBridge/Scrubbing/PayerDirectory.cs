using FhirEmr.BillingBridge.Claims;
using Hl7.Fhir.Model;

namespace FhirEmr.BillingBridge.Scrubbing;

/// <summary>Finds the row for a payer on a day: the practice's own row for the payer, then its row for the family (without a payer id), then the built-in one.</summary>
public sealed class PayerDirectory(IEnumerable<PayerProfile>? rows = null)
{
    // MBI: eleven characters, letters never S L O I B Z (billing spec 0.4).
    private const string MedicareBeneficiary =
        "^[1-9][AC-HJKMNP-RT-Y][AC-HJKMNP-RT-Y0-9][0-9][AC-HJKMNP-RT-Y][AC-HJKMNP-RT-Y0-9][0-9][AC-HJKMNP-RT-Y]{2}[0-9]{2}$";

    private static readonly Dictionary<PayerFamily, PayerProfile> Defaults = new()
    {
        [PayerFamily.Commercial] = new PayerProfile { Family = PayerFamily.Commercial },
        [PayerFamily.Medicare] = new PayerProfile
        {
            Family = PayerFamily.Medicare,
            FilingDays = null,
            AppealDays = [120, 180, 60, 60, 60],
            DaysToPay = 14,
            AcceptsReplacement = false,
            MemberIdPattern = MedicareBeneficiary,
            MemberIdMustMatch = true,
            PrefersX = true,
        },
        [PayerFamily.Medicaid] = new PayerProfile { Family = PayerFamily.Medicaid, FilingDays = 365, MemberIdPattern = "^[A-Z0-9]{8,14}$", MemberIdMustMatch = true },
        [PayerFamily.BlueCross] = new PayerProfile { Family = PayerFamily.BlueCross, MemberIdPattern = "^([A-Z0-9]{3}[A-Z0-9]{6,14}|R[0-9]{8})$" },
        [PayerFamily.Tricare] = new PayerProfile { Family = PayerFamily.Tricare, FilingDays = 365, MemberIdPattern = "^[0-9]{9,11}$" },
        [PayerFamily.WorkersCompensation] = new PayerProfile { Family = PayerFamily.WorkersCompensation, FilingDays = 365, PaysAccidentsFirst = true },
        [PayerFamily.Auto] = new PayerProfile { Family = PayerFamily.Auto, FilingDays = 365, PaysAccidentsFirst = true },
    };

    private readonly IReadOnlyList<PayerProfile> rows = [.. rows ?? []];

    /// <summary>The row for a coverage; commercial defaults when nothing is known.</summary>
    public PayerProfile For(Coverage? coverage, Organization? payor, DateOnly day)
    {
        var payerId = payor.PayerId();
        var family = FamilyOf(coverage, payor);
        return (payerId is null ? null : InForce(r => r.PayerId == payerId)) ?? InForce(r => r.PayerId is null && r.Family == family) ?? Defaults[family];

        PayerProfile? InForce(Func<PayerProfile, bool> matches) => rows.Where(r => matches(r) && (r.From is not { } f || f <= day) && (r.To is not { } t || day <= t))
            .MaxBy(r => r.From ?? DateOnly.MinValue);
    }

    /// <summary>The built-in row of a family.</summary>
    public static PayerProfile DefaultOf(PayerFamily family) => Defaults[family];

    /// <summary>By claim filing indicator (SBR09) in <c>Coverage.type</c>, else by the payer's name.</summary>
    public static PayerFamily FamilyOf(Coverage? coverage, Organization? payor)
    {
        foreach (var coding in coverage?.Type?.Coding ?? [])
        {
            switch (coding.Code)
            {
                case "MB" or "MA" or "16":
                    return PayerFamily.Medicare;
                case "MC":
                    return PayerFamily.Medicaid;
                case "BL":
                    return PayerFamily.BlueCross;
                case "CH":
                    return PayerFamily.Tricare;
                case "WC":
                    return PayerFamily.WorkersCompensation;
                case "AM" or "LM":
                    return PayerFamily.Auto;
                case "CI" or "HM" or "12" or "13" or "14" or "15":
                    return PayerFamily.Commercial;
            }
        }

        var name = payor?.Name ?? coverage?.Payor.FirstOrDefault()?.Display ?? coverage?.Type?.Text ?? "";
        return name switch
        {
            _ when Names("medicare") => PayerFamily.Medicare,
            _ when Names("medicaid") => PayerFamily.Medicaid,
            _ when Names("blue cross") || Names("blue shield") || Names("bcbs") => PayerFamily.BlueCross,
            _ when Names("tricare") => PayerFamily.Tricare,
            _ => PayerFamily.Commercial,
        };

        bool Names(string word) => name.Contains(word, StringComparison.OrdinalIgnoreCase);
    }
}
