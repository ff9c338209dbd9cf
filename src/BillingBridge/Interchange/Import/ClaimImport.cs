using System.Globalization;
using FhirEmr.BillingBridge.Claims;
using FhirEmr.BillingBridge.Ports;
using FhirEmr.BillingBridge.X12.Segments;
using FhirEmr.BillingBridge.X12.Syntax;
using FhirEmr.BillingBridge.X12.Transactions;
using FhirEmr.Terminology;
using Hl7.Fhir.Model;

namespace FhirEmr.BillingBridge.Interchange.Import;

/// <summary>One claim of an 837P → FHIR Claim (billing spec 2.3): <see cref="ClaimBodyMapping"/> and <see cref="LineMapping"/> right to left.</summary>
/// <remarks>Names of other systems' patients and providers are made once, by identifier; what FHIR has no place for is kept as it came and listed.</remarks>
internal sealed partial class ClaimImport
{
    private readonly FhirTransaction _transaction = new();
    private readonly List<string> _kept = [];
    private readonly Claim837PItem.Claim _read;
    private readonly ImportSources _sources;
    private readonly string? _day;
    private readonly Claim _claim;

    private ClaimImport(Claim837PItem.Claim read, ImportSources sources, string key, string? day)
    {
        (_read, _sources, _day) = (read, sources, day);
        _claim = new Claim { Identifier = [new Identifier(BillingUrls.PatientControlNumber, read.Body.Clm.ControlNumber), new Identifier(BillingUrls.IdempotencyKey, key)] };
    }

    /// <param name="read">The claim with the loops above it; without refusals.</param>
    /// <param name="sources">What is in the store.</param>
    /// <param name="key">Idempotency key of the claim.</param>
    /// <param name="created">BHT04, the day it was written.</param>
    public static ImportedClaim Map(Claim837PItem.Claim read, ImportSources sources, string key, string created)
    {
        var import = new ClaimImport(read, sources, key, PartyResources.Day(created) ?? PartyResources.Day(read.Body.Lines[0].ServiceDate!.Start!.Value));
        import.AddHeader();
        import.AddParties();
        import.AddDetails();
        foreach (var (i, line) in read.Body.Lines.Index())
            import.AddLine(line, i + 1);
        var url = import._transaction.CreateOnce(import._claim, key);
        return new ImportedClaim(import._transaction, url, import._claim, import._kept);
    }

    private void AddHeader()
    {
        var clm = _read.Body.Clm;
        _claim.SetStage(ClaimStage.Draft);
        _claim.AddExtension(BillingUrls.FrequencyExtension, new Code(clm.Frequency));
        _claim.Type = new CodeableConcept("http://terminology.hl7.org/CodeSystem/claim-type", "professional");
        _claim.Use = ClaimUseCode.Claim;
        _claim.Created = _day;
        _claim.Priority = new CodeableConcept("http://terminology.hl7.org/CodeSystem/processpriority", "normal");
        _claim.Total = ClaimBuilder.Usd(clm.ChargeUsd);
        var days = _read.Body.Lines.SelectMany(l => new[] { l.ServiceDate?.Start, l.ServiceDate?.End }).OfType<DateOnly>().Order().ToList();
        if (days.Count > 0)
            _claim.BillablePeriod = new Period { Start = PartyResources.Day(days[0]), End = PartyResources.Day(days[^1]) };
        ClaimIndicators.Read(clm, _claim);
        if (clm.Causes is [{ Length: > 0 } cause, ..])
            _claim.Accident = Accident(cause, clm.Causes);
    }

    private static Claim.AccidentComponent Accident(string cause, IReadOnlyList<string> causes)
    {
        const string incidents = "http://terminology.hl7.org/CodeSystem/v3-ActCode";
        var accident = new Claim.AccidentComponent
        {
            // Required in FHIR; a DTP*439 replaces it.
            DateElement = new Date { Extension = [new Extension("http://hl7.org/fhir/StructureDefinition/data-absent-reason", new Code("unknown"))] },
            Type = cause switch
            {
                "AA" => new CodeableConcept(incidents, "MVA"),
                "EM" => new CodeableConcept(incidents, "WPA"),
                _ => new CodeableConcept("https://x12.org/codes/related-causes-codes", cause),
            },
        };
        if (causes.ElementAtOrDefault(3) is { Length: > 0 } state)
            accident.Location = new Address { State = state };
        return accident;
    }

    private void AddParties()
    {
        var billing = _read.Billing.Provider!;
        var taxonomy = Taxonomy(_read.Billing.Details);
        _claim.Provider = new ResourceReference(Provider(billing, taxonomy, _read.Billing.Parties.FirstOrDefault(p => p.Name.EntityCode == "87")));
        Keep("2000A", _read.Billing.Details.Where(d => d is not Prv));
        foreach (var party in _read.Billing.Parties.Where(p => p.Name.EntityCode is not ("85" or "87")))
            KeepParty("2010A", party);

        var patient = _sources.Patient ?? AddPatient();
        _claim.Patient = new ResourceReference(patient);
        var rank = new List<(int Rank, Claim.InsuranceComponent Insurance)>();
        foreach (var insurance in ReceivedInsurance.Of(_read))
        {
            var coverage = _sources.Coverages.GetValueOrDefault(insurance.Index) ?? AddCoverage(insurance, patient);
            rank.Add((Rank(insurance.Sbr), new Claim.InsuranceComponent { Focal = insurance.Index == 0, Coverage = new ResourceReference(coverage) }));
            KeepInsurance(insurance);
        }

        foreach (var (r, insurance) in rank.OrderBy(r => r.Rank))
        {
            insurance.Sequence = r;
            _claim.Insurance.Add(insurance);
        }

        if (_read.Subscriber.Payer is { } payer)
            _claim.Insurer = new ResourceReference(Payer(payer));
        foreach (var party in _read.Body.Providers)
            AddMember(party);
    }

    private string AddPatient()
    {
        var party = _read.PatientParty!;
        var dmg = party.Find<Dmg>();
        var pat = (_read.Patient?.Details ?? _read.Subscriber.Details).OfType<Pat>().FirstOrDefault();
        var patient = new Patient
        {
            Name = [PartyResources.Name(party.Name)],
            BirthDate = PartyResources.Day(dmg?.BirthDate),
            Gender = PartyResources.Gender(dmg),
            Address = PartyResources.Address(party.Details) is { } home ? [home] : [],
            Deceased = PartyResources.Day(pat?.DeathDate) is { } death ? new FhirDateTime(death) : null,
        };
        if (MemberKey.Patient(_read) is not { } key)
            return _transaction.Create(patient);
        patient.Identifier.Add(new Identifier(key.System, key.Value));
        return _transaction.CreateOnce(patient, key.System, key.Value);
    }

    private string AddCoverage(ReceivedInsurance insurance, string patient)
    {
        var key = MemberKey.Coverage(_read, insurance);
        var (sbr, member) = (insurance.Sbr, insurance.Insured?.Name.Id);
        var isSelf = MemberKey.IsSelf(_read, insurance);
        var coverage = new Coverage
        {
            Identifier = [new Identifier(key.System, key.Value)],
            Status = FinancialResourceStatusCodes.Active,
            Type = sbr?.Filing is { } filing ? new CodeableConcept("https://x12.org/codes/claim-filing-indicator-codes", filing) : null,
            SubscriberId = member,
            Beneficiary = new ResourceReference(patient),
            Subscriber = new ResourceReference(isSelf ? patient : AddSubscriber(insurance, patient, key)),
            Relationship = Relationship(isSelf ? "18" : insurance.Index == 0 ? _read.Patient!.Details.OfType<Pat>().FirstOrDefault()?.Relationship : sbr?.Relationship),
            Payor = [insurance.Payer is { } payer ? new ResourceReference(Payer(payer)) : new ResourceReference { Display = "unknown" }],
            Order = Rank(sbr),
        };
        if (member is { Length: > 0 } && member != key.Value)
            coverage.Identifier.Add(new Identifier(key.System, member));
        if (sbr?.Group is not null || sbr?.GroupName is not null)
        {
            coverage.Class.Add(new Coverage.ClassComponent
            {
                Type = new CodeableConcept("http://terminology.hl7.org/CodeSystem/coverage-class", "group"),
                Value = sbr.Group ?? sbr.GroupName,
                Name = sbr.GroupName,
            });
        }

        if (sbr?.InsuranceType is { } secondary)
            coverage.AddExtension(BillingUrls.MspTypeExtension, new Code(secondary));
        return _transaction.CreateOnce(coverage, key.System, key.Value);
    }

    private string AddSubscriber(ReceivedInsurance insurance, string patient, (string System, string Value) key)
    {
        var dmg = insurance.Insured?.Find<Dmg>();
        var person = new RelatedPerson
        {
            Identifier = [new Identifier(key.System, key.Value)],
            Patient = new ResourceReference(patient),
            Name = insurance.Insured is { } insured ? [PartyResources.Name(insured.Name)] : [],
            BirthDate = PartyResources.Day(dmg?.BirthDate),
            Gender = PartyResources.Gender(dmg),
            Address = insurance.Insured is { } at && PartyResources.Address(at.Details) is { } home ? [home] : [],
        };
        return _transaction.CreateOnce(person, key.System, key.Value);
    }

    // Everything beside SBR says what that payer has done already: kept until a remittance of it is posted here.
    private void KeepInsurance(ReceivedInsurance insurance)
    {
        var loop = insurance.Index == 0 ? "2000B" : "2320";
        Keep(loop, insurance.Details.Where(d => d is not (Sbr or Oi or Pat { WeightPounds: null, Pregnant: null })));
        foreach (var party in insurance.Parties)
        {
            if (party.Name.EntityCode is not ("IL" or "PR"))
                KeepParty(loop, party);
            else
                Keep(loop, party.Details.Where(d => d is not (N3 or N4 or Dmg)));
        }

        if (insurance.Index == 0 && _read.Patient is { } patient)
        {
            Keep("2000C", patient.Details.Where(d => d is not Pat { WeightPounds: null, Pregnant: null }));
            Keep("2010CA", patient.Parties.SelectMany(p => p.Details).Where(d => d is not (N3 or N4 or Dmg)));
        }
    }

    private void AddMember(PartyLoop party)
    {
        if (party.Name.EntityCode == "77")
        {
            var key = PartyKey.Facility(party);
            _claim.Facility = new ResourceReference(_sources.Parties.GetValueOrDefault(key) ?? _transaction.CreateOnce(PartyResources.Of(key, party, null, null), key.System, key.Value));
            Keep("2310C", party.Details.Where(d => d is not (N3 or N4)));
            return;
        }

        if (Role(party) is { } role)
            AddMember(party, role, isResponsible: role == CareTeamRoles.Rendering);
        else
            KeepParty("2310", party);
    }

    private int AddMember(PartyLoop party, string role, bool isResponsible)
    {
        var reference = Provider(party, Taxonomy(party.Details), null);
        if (_claim.CareTeam.Find(t => t.Provider?.Reference == reference && t.Role?.Coding.Exists(c => c.Code == role) == true) is { Sequence: { } known })
            return known;
        var sequence = _claim.CareTeam.Count + 1;
        _claim.CareTeam.Add(new Claim.CareTeamComponent
        {
            Sequence = sequence,
            Provider = new ResourceReference(reference),
            Role = CareTeamRoles.Concept(role),
            Responsible = isResponsible ? true : null,
        });
        Keep("2310", party.Details.Where(d => d is not (Prv or N3 or N4 or Ref { Qualifier: "EI" or "SY" })));
        return sequence;
    }

    private static string? Role(PartyLoop party) => party.Name.EntityCode switch
    {
        "82" => CareTeamRoles.Rendering,
        "DN" => CareTeamRoles.Referring,
        "DQ" => CareTeamRoles.Supervising,
        "DK" => CareTeamRoles.Ordering,
        _ => null,
    };

    private void AddDetails()
    {
        foreach (var detail in _read.Body.Details)
        {
            switch (detail)
            {
                case Dtp dtp when ClaimDates.Read(dtp, _claim):
                    break;
                case Amt { Qualifier: "F5" } paid:
                    ClaimDates.Add(_claim, SupportingInfo.PatientPaid).Value = new Quantity { Value = paid.AmountUsd, Code = "USD", System = CodeSystemUrls.Currencies };
                    break;
                case Ref { Value.Length: 0 } or Nte { Text.Length: 0 }:
                    break;
                case Ref { Qualifier.Length: > 0 } reference:
                    AddReference(reference);
                    break;
                case Nte note:
                    var info = ClaimDates.Add(_claim, SupportingInfo.Note);
                    info.Value = new FhirString(note.Text);
                    if (note.Code is { Length: > 0 } and not "ADD")
                        info.Code = new CodeableConcept("https://x12.org/codes/note-reference-codes", note.Code);
                    break;
                case Hi { IsDiagnoses: true } diagnoses:
                    AddDiagnoses(diagnoses);
                    break;
                case RawSegment { Segment: { Id: "PWK" } pwk } when pwk.Text(1) is not null && pwk.Text(6) is not null:
                    AddAttachment(pwk);
                    break;
                case var _ when SituationalSegments.Read(detail, SegmentText.Of(detail), _claim.SupportingInfo.Count + 1, ofLine: false) is { } situational:
                    _claim.SupportingInfo.Add(situational);
                    break;
                default:
                    Keep("2300", [detail]);
                    break;
            }
        }
    }

    private void AddReference(Ref reference)
    {
        switch (reference.Qualifier)
        {
            case "D9":
                _claim.Identifier.Add(new Identifier(BillingUrls.Trace, reference.Value));
                break;
            case "G1" when _claim.Insurance.Find(i => i.Focal == true) is { } focal:
                focal.PreAuthRef = focal.PreAuthRef.Append(reference.Value);
                break;
            case "F8":
                _claim.Related.Add(new Claim.RelatedClaimComponent
                {
                    Claim = _sources.Prior is { } prior ? new ResourceReference($"Claim/{prior.Id}") : null,
                    Relationship = new CodeableConcept("http://terminology.hl7.org/CodeSystem/ex-relatedclaimrelationship", "prior"),
                    Reference = new Identifier(BillingUrls.Icn(_read.Subscriber.Payer?.Name.Id ?? "unknown"), reference.Value),
                });
                break;
            case "9F":
                ClaimDates.Add(_claim, SupportingInfo.Referral).Value = new FhirString(reference.Value);
                break;
            case "X4":
                ClaimDates.Add(_claim, SupportingInfo.Clia).Value = new FhirString(reference.Value);
                break;
            default:
                AddQualified(reference);
                break;
        }
    }

    // A qualifier of the guide that has no element here: its own category, so that nothing is lost (billing spec 2.3).
    private int AddQualified(Ref reference)
    {
        var info = new Claim.SupportingInformationComponent
        {
            Sequence = _claim.SupportingInfo.Count + 1,
            Category = reference.Qualifier is { Length: > 0 } qualifier ? new CodeableConcept(BillingUrls.ReferenceQualifier, qualifier) : new CodeableConcept(BillingUrls.KeptSegment, "REF"),
            Value = new FhirString(reference.Value),
        };
        _claim.SupportingInfo.Add(info);
        return info.Sequence!.Value;
    }

    private void AddAttachment(Segment pwk)
    {
        var info = ClaimDates.Add(_claim, SupportingInfo.Attachment);
        info.Code = new CodeableConcept();
        if (pwk.Text(1) is { } type)
            info.Code.Coding.Add(new Coding("https://x12.org/codes/report-type-codes", type));
        if (pwk.Text(2) is { } way and not "EL")
            info.Code.Coding.Add(new Coding(SupportingInfo.Transmission, way));
        info.Value = new FhirString(pwk[6]);
    }

    private void AddDiagnoses(Hi diagnoses)
    {
        foreach (var (i, code) in diagnoses.Codes.Index().Where(c => c.Item.Code.Length > 0))
        {
            _claim.Diagnosis.Add(new Claim.DiagnosisComponent
            {
                Sequence = i + 1, // what the lines point at
                Diagnosis = new CodeableConcept(CodeSystemUrls.Icd10Cm, code.Code.Length > 3 && !code.Code.Contains('.', StringComparison.Ordinal) ? $"{code.Code[..3]}.{code.Code[3..]}" : code.Code),
            });
        }
    }

    private static CodeableConcept Relationship(string? code)
    {
        const string system = "http://terminology.hl7.org/CodeSystem/subscriber-relationship";
        return code switch
        {
            "18" => new CodeableConcept(system, "self"),
            "01" => new CodeableConcept(system, "spouse"),
            "19" => new CodeableConcept(system, "child"),
            "53" => new CodeableConcept(system, "common"),
            null or "G8" => new CodeableConcept(system, "other"),
            _ => new CodeableConcept("https://x12.org/codes/individual-relationship-codes", code),
        };
    }

    // SBR01 right to left: P, S, T, then A to H.
    private static int Rank(Sbr? sbr) => sbr?.Responsibility switch { "P" => 1, "S" => 2, "T" => 3, [>= 'A' and <= 'H' and var c] => c - 'A' + 4, _ => 1 };

    private static string? Taxonomy(IEnumerable<IX12Segment> details) => details.OfType<Prv>().FirstOrDefault()?.Taxonomy is { Length: > 0 } code ? code : null;

    private string Payer(PartyLoop party)
    {
        var key = PartyKey.Payer(party);
        return _sources.Parties.GetValueOrDefault(key) ?? _transaction.CreateOnce(PartyResources.Of(key, party, null, null), key.System, key.Value);
    }

    private string Provider(PartyLoop party, string? taxonomy, PartyLoop? payTo)
    {
        var key = PartyKey.Provider(party);
        var reference = _sources.Parties.GetValueOrDefault(key) ?? _transaction.CreateOnce(PartyResources.Of(key, party, taxonomy, payTo), key.System, key.Value);

        // A person's taxonomy stands on a role.
        if (key.Type == "Practitioner" && taxonomy is not null && !_sources.People.Contains(key))
        {
            var role = BillingKey.Of("imported-role", key.System, key.Value);
            _transaction.CreateOnce(
                new PractitionerRole
                {
                    Identifier = [new Identifier(BillingUrls.IdempotencyKey, role)],
                    Practitioner = new ResourceReference(reference),
                    Specialty = [new CodeableConcept(CodeSystemUrls.ProviderTaxonomy, taxonomy)],
                },
                role);
        }

        return reference;
    }

    private void KeepParty(string loop, PartyLoop party) => Keep(loop, [party.Name, .. party.Details]);

    private void Keep(string loop, IEnumerable<IX12Segment> segments, Claim.ItemComponent? item = null)
    {
        foreach (var segment in segments)
        {
            var text = SegmentText.Of(segment);
            var sequence = _claim.SupportingInfo.Count + 1;
            _claim.SupportingInfo.Add(new Claim.SupportingInformationComponent
            {
                Sequence = sequence,
                Category = new CodeableConcept(BillingUrls.KeptSegment, loop),
                Value = new FhirString(text),
            });
            if (item is not null)
                item.InformationSequence = item.InformationSequence.Append(sequence);
            _kept.Add($"Loop {loop}: {text}");
        }
    }
}
