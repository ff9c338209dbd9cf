using System.Globalization;
using CsCheck;
using FhirEmr.BillingBridge.Claims;
using FhirEmr.BillingBridge.Ledger;
using FhirEmr.BillingBridge.Remittance;
using FhirEmr.BillingBridge.Tests.Fakes;
using Hl7.Fhir.Model;

namespace FhirEmr.BillingBridge.Tests.Ledger;

/// <summary>Whatever happens in whatever order, with files that come again and power that fails between commits, the books agree.</summary>
public sealed class LedgerLawsTests
{
    private const string Patient = "Patient/p-c0";

    [Fact]
    public void The_books_agree_after_every_step() =>
        Gen.Select(Gen.Int[0, 8], Gen.Int[0, 10_000], Gen.Int[0, 10_000]).Array[4, 24].Sample(steps => RunAsync(steps).GetAwaiter().GetResult(), iter: 60, threads: 1);

    private static async Task RunAsync((int What, int A, int B)[] steps)
    {
        var run = new Run();
        foreach (var (what, a, b) in steps)
        {
            await run.StepAsync(what, a, b);
            run.Check();
        }
    }

    private sealed class Run
    {
        private readonly LedgerPractice _practice = new();
        private readonly List<string> _claims = [];
        private readonly List<(string Era, int PerCommit)> _files = [];
        private readonly Dictionary<string, string[]> _answers = []; // the last answer of each claim, as lines
        private readonly Dictionary<string, decimal> _paid = []; // patients' payments by transaction
        private decimal _deposited;
        private decimal _plb;
        private decimal _recovered;
        private decimal _refunded;
        private int _number;

        private static CancellationToken Ct => TestContext.Current.CancellationToken;

        public async Task StepAsync(int what, int a, int b)
        {
            switch (what)
            {
                case 0 or 1:
                    var id = $"c{_claims.Count}";
                    await _practice.SubmitAsync(id, Patient, day: $"2026-03-{1 + (a % 28):00}");
                    _claims.Add(id);
                    break;
                case 2 or 3 when _claims.Count > 0:
                    await AnswerAsync(a, b);
                    break;
                case 4 when _files.Count > 0:
                    var (era, perCommit) = _files[a % _files.Count];
                    await _practice.PostAsync(era, perCommit);
                    break;
                case 5 when _answers.Count > 0:
                    await CorrectAsync(a, b);
                    break;
                case 6 when _claims.Count > 0:
                    await PayAsync(a, b);
                    break;
                case 7 when _claims.Count > 0:
                    await RefundAsync(a, b);
                    break;
                case 8 when _claims.Count > 0:
                    await WriteOffAsync(a, b);
                    break;
                default:
                    break;
            }
        }

        public void Check()
        {
            var (entries, balances) = (_practice.Entries, _practice.Balances);
            Assert.Equal(0m, balances.SumUsd);
            Assert.Equal(entries.Count, entries.Select(e => e.Key).Distinct().Count());

            // Against the answers as FHIR has them, which another part of the posting writes.
            var responses = _practice.Records.All<ClaimResponse>().ToList();
            Assert.Equal(responses.Count(r => r.Adjudication.Count + r.Item.Count > 0), entries.Count(e => e.Event is JournalEvent.Adjudication or JournalEvent.Reversal));
            foreach (var claim in _claims)
            {
                var own = responses.Where(r => r.Request!.Reference == $"Claim/{claim}").ToList();
                var of = balances.OfClaim($"Claim/{claim}");
                Assert.Equal(150m, of.ChargesUsd);
                Assert.Equal(own.Sum(r => r.Payment!.Amount!.Value!.Value) - Recovered(claim), of.PayerPaidUsd);
                Assert.Equal(own.SelectMany(r => r.Item).SelectMany(i => i.Adjudication).Where(x => x.Reason?.Coding[0].Code == "45").Sum(x => x.Amount!.Value!.Value), of.AdjustedUsd);
                Assert.Equal(of.ChargesUsd - of.PayerPaidUsd - of.PatientPaidUsd - of.AdjustedUsd - of.WrittenOffUsd + of.RefundedUsd, of.BalanceUsd);
            }

            // What was deposited is applied or unapplied, to the cent.
            var posted = responses.Sum(r => r.Payment!.Amount!.Value!.Value);
            Assert.Equal(_deposited - posted + _plb, -balances.Usd(LedgerAccount.UnappliedPayerMoney));
            Assert.Equal(_deposited + _paid.Values.Sum() - _refunded, balances.Usd(LedgerAccount.Cash));
            var applied = _claims.Sum(c => balances.OfClaim($"Claim/{c}").PatientPaidUsd);
            var unapplied = -balances.Usd(LedgerAccount.UnappliedPatientMoney);
            Assert.True(unapplied >= 0);
            Assert.Equal(_paid.Values.Sum() - RefundedUnapplied(entries), applied + unapplied);
            Assert.Equal(_plb - _recovered, balances.Usd(LedgerAccount.ProviderAdjustment));
        }

        private async Task AnswerAsync(int a, int b)
        {
            var chosen = _claims.Where((_, i) => ((a >> (i % 10)) & 1) == 1).DefaultIfEmpty(_claims[a % _claims.Count]).ToList();
            var clps = new List<(string, decimal)>();
            foreach (var (i, claim) in chosen.Index())
            {
                var lines = Lines((b + (i * 7)) % 121, (a + i) % 31);
                clps.Add(LedgerPractice.Clp(claim, lines.All(l => l.Split(' ')[2] == "0") ? "4" : "1", lines));
                if (_answers.ContainsKey(claim) && b % 3 != 0)
                    clps.RemoveAt(clps.Count - 1); // rarely a second payment without a reversal
                else
                    _answers[claim] = lines;
            }

            if (b % 5 == 0)
                clps.Add(LedgerPractice.Clp($"NONE{_number}", "1", "CI", ["99213 50 12.34 CO-45=37.66"], []));
            if (clps.Count == 0)
                return;
            // Interest, and a recovery from a claim that an answer has given the payer's number.
            var recovery = (a % 40) + 1;
            var known = _practice.Records.Get<Claim>(_claims[0]).Identifier.Exists(i => i.Value == $"ICNPCN{_claims[0].ToUpperInvariant()}");
            string[] plbs = b % 4 == 0 ? [$"L6:I{_number} -1.25", .. known ? (string[])[$"WO:ICNPCN{_claims[0].ToUpperInvariant()} {recovery}"] : []] : [];
            var isWhole = await PostAsync(LedgerPractice.Era($"E{++_number}", clps, plbs), 1 + (a % 3), b % 6);
            var kept = plbs.Sum(p => decimal.Parse(p.Split(' ')[1], CultureInfo.InvariantCulture));
            Assert.True(isWhole);
            _deposited += clps.Sum(c => c.Item2) - kept;
            _plb += kept;
            if (plbs.Length == 2)
                _recovered += recovery;
        }

        private async Task CorrectAsync(int a, int b)
        {
            var claim = _answers.Keys.ElementAt(a % _answers.Count);
            var negated = _answers[claim].Select(Negate).ToArray();
            var lines = Lines(b % 121, a % 31);
            (string Text, decimal PaidUsd)[] clps = [LedgerPractice.Clp(claim, "22", negated), LedgerPractice.Clp(claim, "1", lines)];
            Assert.True(await PostAsync(LedgerPractice.Era($"E{++_number}", clps), 1 + (b % 2), a % 4));
            _deposited += clps.Sum(c => c.PaidUsd);
            var corrected = _practice.Records.All<ClaimResponse>().Count(r => r.Payment!.Identifier!.Value == $"E{_number}");
            if (corrected == 2)
                _answers[claim] = lines; // else it was a duplicate or matched nothing, and waits with its Task
        }

        // The power fails at a commit, before or after it is durable; the file comes again.
        private async Task<bool> PostAsync(string era, int perCommit, int failing)
        {
            _files.Add((era, perCommit));
            var commits = 0;
            if (failing > 0)
            {
                void Fail()
                {
                    if (++commits == (failing + 1) / 2)
                        throw new IOException("power cut");
                }

                if (failing % 2 == 0)
                    _practice.Records.BeforeCommit = Fail;
                else
                    _practice.Records.AfterCommit = Fail;
                try
                {
                    await _practice.PostAsync(era, perCommit);
                }
                catch (IOException)
                {
                    // and the server starts again
                }

                (_practice.Records.BeforeCommit, _practice.Records.AfterCommit) = (null, null);
            }

            return !(await _practice.PostAsync(era, perCommit)).IsRefused;
        }

        private async Task PayAsync(int a, int b)
        {
            var id = $"T{a % 7}";
            var usd = Math.Max(1, b % 6_000) / 100m;
            (string, decimal?)[] named = b % 3 == 0 ? [(_claims[a % _claims.Count], null)] : [];
            var result = await new PatientPayments(_practice.Records, SmallPractice.Time).PostAsync(new() { PatientId = "p-c0", AmountUsd = usd, TransactionId = id, Claims = named, EnteredBy = "ann" }, Ct);
            Assert.Equal(!_paid.TryGetValue(id, out var before) ? typeof(MoneyResult.Done) : before == usd ? typeof(MoneyResult.Before) : typeof(MoneyResult.Refused), result.GetType());
            _paid.TryAdd(id, usd);
            if (a % 2 == 0)
                await new PatientPayments(_practice.Records, SmallPractice.Time).ApplyAsync("p-c0", "ann", Ct);
        }

        private async Task RefundAsync(int a, int b)
        {
            var claim = (b % 3) switch { 0 => null, _ => _claims[a % _claims.Count] };
            var to = b % 3 == 2 ? RefundTo.Payer : RefundTo.Patient;
            var held = claim is null ? _practice.Balances.UnappliedUsd(Patient) : -(to is RefundTo.Payer ? _practice.Of(claim).InsuranceUsd : _practice.Of(claim).PatientUsd);
            var usd = Math.Max(1, a % 5_000) / 100m;
            var result = await new Refunds(_practice.Records, SmallPractice.Time).PostAsync(new() { PatientId = "p-c0", ClaimId = claim, To = to, AmountUsd = usd, TransactionId = $"R{++_number}", Reason = "too much", EnteredBy = "ann" }, Ct);
            Assert.Equal(usd <= held ? typeof(MoneyResult.Done) : typeof(MoneyResult.Refused), result.GetType());
            if (result is MoneyResult.Done)
                _refunded += usd;
        }

        private async Task WriteOffAsync(int a, int b)
        {
            var category = WriteOffCategory.Find(WriteOffCategory.Codes.ElementAt(1 + (b % 6)))!;
            var claim = _claims[a % _claims.Count];
            var before = _practice.Of(claim);
            var open = category.From.Sum(f => Math.Max(0m, f is LedgerAccount.InsuranceReceivable ? before.InsuranceUsd : before.PatientUsd));
            decimal? usd = b % 2 == 0 ? null : Math.Max(1, b % 8_000) / 100m;
            var result = await new WriteOffs(_practice.Records, SmallPractice.Time).PostAsync(new() { ClaimId = claim, Category = category.Code, AmountUsd = usd, Reason = "so", EnteredBy = "ann" }, Ct);
            Assert.Equal(open > 0 && (usd ?? open) <= open ? typeof(MoneyResult.Done) : typeof(MoneyResult.Refused), result.GetType());
            if (result is MoneyResult.Done && before.BalanceUsd == (usd ?? open) && before is { InsuranceUsd: >= 0, PatientUsd: >= 0 })
                Assert.Equal(0m, _practice.Of(claim).BalanceUsd);
        }

        private decimal Recovered(string claim) => claim == _claims[0] ? _recovered : 0m;

        private static decimal RefundedUnapplied(IReadOnlyList<JournalEntry> entries) =>
            entries.Where(e => e.Event is JournalEvent.Refund).SelectMany(e => e.Lines).Where(l => l.Account is LedgerAccount.UnappliedPatientMoney).Sum(l => l.AmountUsd);

        // Two lines that add up: charge = paid + contractual + copay, or denied.
        private static string[] Lines(int paid, int copay)
        {
            var first = Math.Max(0, 120 - paid);
            var share = Math.Min(copay, first);
            return
            [
                $"99213:25 120 {paid}{Adjustment("PR-3", share)}{Adjustment("CO-45", first - share)}",
                copay % 4 == 0 ? "87880 30 0 CO-197=30" : $"87880 30 {30 - (copay % 30)}{Adjustment("CO-45", copay % 30)}",
            ];
        }

        private static string Adjustment(string code, int usd) => usd == 0 ? "" : $" {code}={usd}";

        private static string Negate(string line)
        {
            var parts = line.Split(' ');
            return string.Join(' ', [parts[0], Minus(parts[1]), Minus(parts[2]), .. parts.Skip(3).Select(p => $"{p.Split('=')[0]}={Minus(p.Split('=')[1])}")]);
        }

        private static string Minus(string number) => number == "0" ? "0" : "-" + number;
    }
}
