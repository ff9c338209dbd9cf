using FhirEmr.Terminology;

namespace FhirEmr.FhirServer.Operations.Terminology;

/// <summary>Why a code is not valid on a date, in a sentence a coder can act on.</summary>
internal static class CodeVerdict
{
    public static string WhyUnknown(ITerminology terminology, CodeQuestion question)
    {
        var (system, code, on, _) = question;
        switch (terminology.StateOf(system, on))
        {
            case TableState.None:
                return $"No edition of {system} is loaded for {on:O}; load one with 'fhir-emr import codes'.";
            case TableState.Fragment:
                return $"{code} is not in the demo fragment of {system}, which is all that is loaded for {on:O}; it may well be valid. Load the release with 'fhir-emr import codes'.";
        }

        var history = terminology.History(system, code);
        if (history.Count == 0)
            return $"{code} is not a code of {system}.";
        var last = history[^1];
        return last.ValidTo < on ? $"{code} was valid until {last.ValidTo:O}, not on {on:O}."
            : last.ValidFrom > on ? $"{code} is valid from {last.ValidFrom:O} on, not yet on {on:O}."
            : $"{code} is not valid on {on:O}.";
    }
}
