namespace FhirEmr.FhirServer.Demo;

/// <summary>What the mock payer does with the claims of one member.</summary>
internal enum MemberScenario
{
    /// <summary>00-69: accepted and paid at the allowed amount.</summary>
    Paid,

    /// <summary>70-79: accepted and paid, with a deductible or copay left to the patient.</summary>
    PatientShare,

    /// <summary>80-86: accepted; one line paid, another denied.</summary>
    PartiallyDenied,

    /// <summary>87-93: accepted, then denied.</summary>
    Denied,

    /// <summary>94-96: accepted and pended: no remittance comes.</summary>
    Pended,

    /// <summary>97-99: turned away in the 277CA.</summary>
    Rejected,
}

/// <summary>The scenario is the last two characters of the member id, always digits, whatever shape the payer asks for.</summary>
/// <remarks>Readable from NM109 of loop 2010BA alone, so the mock payer needs the 837P and nothing else.</remarks>
internal static class MemberScenarios
{
    /// <summary>The scenario of a member id; <see cref="MemberScenario.Paid"/> when it does not end in two digits.</summary>
    public static MemberScenario Of(string? memberId)
    {
        if (memberId is not { Length: >= 2 } || !char.IsAsciiDigit(memberId[^1]) || !char.IsAsciiDigit(memberId[^2]))
            return MemberScenario.Paid;

        return ((memberId[^2] - '0') * 10 + memberId[^1] - '0') switch
        {
            < 70 => MemberScenario.Paid,
            < 80 => MemberScenario.PatientShare,
            < 87 => MemberScenario.PartiallyDenied,
            < 94 => MemberScenario.Denied,
            < 97 => MemberScenario.Pended,
            _ => MemberScenario.Rejected,
        };
    }
}
