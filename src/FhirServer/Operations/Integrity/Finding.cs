using FhirEmr.FhirServer.Resources;

namespace FhirEmr.FhirServer.Operations.Integrity;

/// <summary>Something in the store that is not as it must be.</summary>
/// <param name="Code">What is wrong: index, chain, change, text, body, reference, owner, anchor or engine.</param>
internal sealed record Finding(string Code, ResourceKey? Key, string Text)
{
    public bool IsRepaired { get; init; }
}

/// <summary>One stretch of a verification.</summary>
/// <param name="Next">Checkpoint to go on from; null at the end.</param>
internal sealed record VerifyPage(long Checked, IReadOnlyList<Finding> Findings, VerifyPoint? Next);

/// <summary>Everything of earlier types, and of this type up to the surrogate key, is verified.</summary>
internal sealed record VerifyPoint(string Type, long Sid);
