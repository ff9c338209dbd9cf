namespace FhirEmr.BillingBridge.RiskAdjustment;

/// <summary>Variables that count when two groups of HCCs are present together, or one beside disability (billing spec 5.2, step 8).</summary>
internal static class Interactions
{
    private static readonly int[] Diabetes28 = Range(35, 38);
    private static readonly int[] HeartFailure28 = Range(221, 226);
    private static readonly int[] Lung28 = Range(276, 280);
    private static readonly int[] Neuro28 = [180, 181, 182, 190, 191, 192, 195, 196, 198, 199];
    private static readonly int[] Diabetes24 = Range(17, 19);
    private static readonly int[] Lung24 = Range(110, 112);
    private static readonly int[] Ulcer24 = Range(157, 159);

    private static readonly Interaction[] V28 =
    [
        new("DIABETES_HF_V28", Diabetes28, HeartFailure28),
        new("HF_CHR_LUNG_V28", HeartFailure28, Lung28),
        new("HF_KIDNEY_V28", HeartFailure28, Range(326, 329)),
        new("CHR_LUNG_CARD_RESP_FAIL_V28", Lung28, Range(211, 213)),
        new("HF_HCC238_V28", HeartFailure28, [238]),
        new("gSubUseDisorder_gPsych_V28", Range(135, 139), Range(151, 155)),
        new("DISABLED_CANCER_V28", Range(17, 23), null),
        new("DISABLED_NEURO_V28", Neuro28, null),
        new("DISABLED_HF_V28", HeartFailure28, null),
        new("DISABLED_CHR_LUNG_V28", Lung28, null),
        new("DISABLED_ULCER_V28", Range(379, 382), null),
    ];

    private static readonly Interaction[] V24 =
    [
        new("HCC47_gCancer", [47], Range(8, 12)),
        new("DIABETES_CHF", Diabetes24, [85]),
        new("CHF_gCopdCF", [85], Lung24),
        new("HCC85_gRenal_V24", [85], Range(134, 138)),
        new("gCopdCF_CARD_RESP_FAIL", Lung24, Range(82, 84)),
        new("HCC85_HCC96", [85], [96]),
        new("gSubstanceUseDisorder_gPsych", Range(54, 56), Range(57, 60)),
        new("SEPSIS_PRESSURE_ULCER", [2], Ulcer24),
        new("SEPSIS_ARTIF_OPENINGS", [2], [188]),
        new("ART_OPENINGS_PRESS_ULCER", [188], Ulcer24),
        new("gCopdCF_ASP_SPEC_B_PNEUM", Lung24, [114]),
        new("ASP_SPEC_B_PNEUM_PRES_ULC", [114], Ulcer24),
        new("SEPSIS_ASP_SPEC_BACT_PNEUM", [2], [114]),
        new("SCHIZOPHRENIA_gCopdCF", [57], Lung24),
        new("SCHIZOPHRENIA_CHF", [57], [85]),
        new("SCHIZOPHRENIA_SEIZURES", [57], [79]),
        new("DISABLED_HCC85", [85], null),
        new("DISABLED_PRESSURE_ULCER", Ulcer24, null),
        new("DISABLED_HCC161", [161], null),
        new("DISABLED_HCC39", [39], null),
        new("DISABLED_HCC77", [77], null),
        new("DISABLED_HCC6", [6], null),
    ];

    /// <summary>The interactions present, each with the HCCs that made it.</summary>
    public static IEnumerable<(string Variable, string Why)> Of(HccCapture capture, bool isDisabled)
    {
        foreach (var interaction in capture.Model == RiskModel.V28 ? V28 : V24)
        {
            var one = Present(capture, interaction.One);
            if (interaction.Other is not { } other)
            {
                if (isDisabled && one.Length > 0)
                    yield return (interaction.Variable, $"disabled, with HCC {one}");
            }
            else if (one.Length > 0 && Present(capture, other) is { Length: > 0 } two)
                yield return (interaction.Variable, $"HCC {one} with HCC {two}");
        }
    }

    private static string Present(HccCapture capture, int[] group) => string.Join(", ", group.Where(capture.Has));

    private static int[] Range(int from, int to) => [.. Enumerable.Range(from, to - from + 1)];

    /// <param name="Other">Null: beside disability.</param>
    private sealed record Interaction(string Variable, int[] One, int[]? Other);
}
