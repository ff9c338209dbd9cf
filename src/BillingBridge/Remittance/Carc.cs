using System.Collections.Frozen;

namespace FhirEmr.BillingBridge.Remittance;

/// <summary>What a claim adjustment reason code means for us: its worklist, and whether it is a denial (billing spec 7).</summary>
/// <param name="Category">Worklist <c>denial-{category}</c>.</param>
/// <param name="IsDenial">Money that may still be won; the rest is contract, patient share or information.</param>
/// <param name="DueDays">Days until somebody should have acted.</param>
/// <param name="Owner">The group that acts.</param>
internal sealed record Carc(string Category, bool IsDenial, int DueDays, string Owner)
{
    /// <summary>Whether the category is work for somebody; contract terms and patient shares are not.</summary>
    public bool IsWork => Worklists.ContainsKey(Category);

    // Our own reading of the public code list; the wording of the list itself is its owner's.
    private static readonly (string Category, bool IsDenial, string Codes)[] Rows =
    [
        ("patient", false, "1 2 3 142"),
        ("coding", true, "4 5 6 7 9 10 12 54 58 146 181 182 189 199 211 B14 B16"),
        ("provider", true, "8 170 171 172 183 184 185 206 207 208 B7 B23"),
        ("medical-necessity", true, "11 40 50 55 56 151 152 167 216 272 273 B22"),
        ("registration", true, "13 14 31 140"),
        ("auth", true, "15 39 95 165 197 198 210 242 243 284 287 288 296"),
        ("submission", true, "16 107 110 267 268 A1"),
        ("duplicate", true, "18 B13 B20"),
        ("cob", true, "19 20 21 22 129 136 227 275 276"),
        ("info", false, "23 133 246 B11"),
        ("contractual", false, "24 45 59 104 131 144 147 253"),
        ("contractual", true, "222 256"),
        ("eligibility", true, "26 27 32 33 34 109 166 177 200 257 258 B9"),
        ("timely-filing", true, "29 286"),
        ("benefit", true, "35 49 51 78 96 114 119 149 204"),
        ("bundling", true, "60 89 97 128 231 234 236 B15"),
        ("patient", true, "100 178"),
        ("documentation", true, "112 116 148 150 163 164 186 226 250 251 252 B12"),
        ("appeal-outcome", true, "193"),
    ];

    private static readonly FrozenDictionary<string, (int Days, string Owner)> Worklists = new Dictionary<string, (int, string)>
    {
        ["eligibility"] = (5, "front desk"),
        ["registration"] = (3, "front desk"),
        ["auth"] = (5, "authorisation team"),
        ["coding"] = (7, "coders"),
        ["bundling"] = (7, "coders"),
        ["medical-necessity"] = (14, "clinical appeals"),
        ["documentation"] = (7, "coders and records"),
        ["timely-filing"] = (3, "billing lead"),
        ["duplicate"] = (5, "billers"),
        ["cob"] = (7, "billers"),
        ["provider"] = (7, "credentialing"),
        ["submission"] = (2, "billers"),
        ["benefit"] = (7, "billers"),
        ["appeal-outcome"] = (3, "billing lead"),
    }.ToFrozenDictionary();

    private static readonly FrozenDictionary<string, Carc> ByCode = Rows
        .SelectMany(r => r.Codes.Split(' ').Select(code => (code, carc: Of(r.Category, r.IsDenial))))
        .ToFrozenDictionary(p => p.code, p => p.carc);

    /// <param name="code">CARC.</param>
    /// <param name="paidNothing">An unknown code is a denial when nothing was paid.</param>
    public static Carc Find(string code, bool paidNothing) => ByCode.TryGetValue(code, out var known) ? known : Of("submission", paidNothing);

    private static Carc Of(string category, bool isDenial)
    {
        var (days, owner) = Worklists.GetValueOrDefault(category, (7, "billers"));
        return new Carc(category, isDenial, days, owner);
    }
}
