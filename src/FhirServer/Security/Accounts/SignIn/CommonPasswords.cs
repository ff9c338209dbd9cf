using System.Text;

namespace FhirEmr.FhirServer.Security.Accounts.SignIn;

/// <summary>Passwords that are tried first: words everybody thinks of, with years, digits and signs around them, keyboard walks, repetitions (security S-20).</summary>
/// <remarks>
/// A list of spellings would have to hold each word with each year and each ending. What they share is shorter: after look-alikes
/// (<c>p@ssw0rd</c>) are read as letters, nothing is left but a few of these words.
/// </remarks>
internal static class CommonPasswords
{
    /// <summary>Four of these words are more than anybody tries; three are not.</summary>
    private const int MaxWords = 3;

    private static readonly string[] Rows =
        ["01234567890123456789", "abcdefghijklmnopqrstuvwxyzabc", "qwertyuiop[]", "asdfghjkl;'", "zxcvbnm,./", "1qaz2wsx3edc4rfv5tgb6yhn7ujm8ik,9ol.", "1q2w3e4r5t6y7u8i9o0p", "q1w2e3r4t5y6u7i8o9p0", "qazwsxedcrfvtgbyhnujm", "azertyuiopqsdfghjklm"];

    private static readonly string[] Walks = [.. Rows, .. Rows.Select(row => new string([.. row.Reverse()]))];

    private static readonly HashSet<string> Words = new(
        """
        password passwords passwort passphrase passcode pass word secret secrets letmein welcome changeme change please login logon signin access open opensesame admin administrator
        root user users guest master manager superuser system server default test tester testing temp temporary trial demo sample example hello hallo goodbye
        computer internet network windows google apple android iphone samsung microsoft amazon facebook
        spring summer autumn fall winter january february march april may june july august september october november december
        monday tuesday wednesday thursday friday saturday sunday today tomorrow
        red green blue black white yellow orange purple silver gold golden pink
        one two three four five six seven eight nine ten hundred thousand million
        love lovely loveyou iloveyou baby angel princess prince queen king sunshine shadow dragon monkey tiger lion eagle bear wolf horse dog doggy cat kitty fish bird
        football baseball basketball soccer hockey tennis golf running fishing hunting
        flower rose star stars moon sun sky ocean river mountain forest garden rainbow happy lucky smile cookie chocolate coffee cheese pepper ginger banana
        family mother father mom dad sister brother friend friends children
        jesus christ god heaven bless blessed faith hope
        america american england london paris berlin newyork boston chicago dallas texas california florida
        hospital clinic clinics medical medicine health healthcare doctor doctors nurse nurses patient patients practice office surgery dental dentist pharmacy billing biller coder
        care emr ehr fhir fhiremr hipaa reception frontdesk records chart
        batman superman spiderman starwars pokemon matrix ninja pirate zombie magic merlin hunter ranger trustno trust
        qwerty qwertz azerty asdf asdfgh zxcv zxcvbn qazwsx qwer abc abcd abcde xyz
        michael jennifer jessica ashley amanda daniel david robert john james mary anna maria thomas charlie george
        the and for you our my your is it me of in to at on new old big i a
        """.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries), StringComparer.Ordinal);

    private static readonly int Longest = Words.Max(w => w.Length);

    public static bool Contains(string password)
    {
        var lower = password.ToLowerInvariant();
        var core = lower[..(Array.FindLastIndex(lower.ToCharArray(), char.IsLetter) + 1)]; // without the year and the signs at the end
        return IsRepetition(lower) || IsMadeOfWalks(lower) || IsMadeOfWords(Letters(lower, null)) || IsMadeOfWords(Letters(core, 'i')) || IsMadeOfWords(Letters(core, 'l'));
    }

    /// <summary>A piece of up to four characters, again and again.</summary>
    private static bool IsRepetition(string text)
    {
        for (var unit = 1; unit <= 4; unit++)
            if (Enumerable.Range(unit, Math.Max(0, text.Length - unit)).All(i => text[i] == text[i - unit]))
                return true;
        return false;
    }

    /// <summary>Runs along the keyboard, the alphabet or the digits, of at least three keys each, and little else.</summary>
    private static bool IsMadeOfWalks(string text)
    {
        var (at, others) = (0, 0);
        while (at < text.Length)
        {
            var run = Math.Max(Walks.Max(row => RunIn(row, text, at)), text[at..].TakeWhile(c => c == text[at]).Count());
            if (run < 3)
                others++;
            at += run < 3 ? 1 : run;
        }

        return others <= text.Length / 4;
    }

    private static int RunIn(string row, string text, int at)
    {
        var best = 0;
        for (var start = row.IndexOf(text[at], StringComparison.Ordinal); start >= 0; start = row.IndexOf(text[at], start + 1))
        {
            var length = 0;
            while (start + length < row.Length && at + length < text.Length && row[start + length] == text[at + length])
                length++;
            best = Math.Max(best, length);
        }

        return best;
    }

    /// <summary>The letters alone; unless <paramref name="one"/> is null, signs and digits that look like letters are read as such, 1 as that.</summary>
    private static string Letters(string lower, char? one)
    {
        var letters = new StringBuilder();
        foreach (var c in lower)
        {
            var letter = one is null ? c : c switch
            {
                '0' => 'o',
                '3' => 'e',
                '4' or '@' => 'a',
                '5' or '$' => 's',
                '7' or '+' => 't',
                '8' => 'b',
                '1' or '!' or '|' => one.Value,
                _ => c,
            };
            if (char.IsLetter(letter))
                letters.Append(letter);
        }

        return letters.ToString();
    }

    /// <summary>Whether a few words of the list, and nothing else, make up the letters; digits and signs alone (no letters) are no password either.</summary>
    private static bool IsMadeOfWords(string letters)
    {
        var fewest = new int[letters.Length + 1];
        for (var end = 1; end <= letters.Length; end++)
        {
            fewest[end] = MaxWords + 1;
            for (var length = 1; length <= Math.Min(end, Longest); length++)
                if (fewest[end - length] < MaxWords && Words.Contains(letters.Substring(end - length, length)))
                    fewest[end] = Math.Min(fewest[end], fewest[end - length] + 1);
        }

        return fewest[letters.Length] <= MaxWords;
    }
}
