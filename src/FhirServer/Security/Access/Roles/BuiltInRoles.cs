namespace FhirEmr.FhirServer.Security.Access.Roles;

/// <summary>The roles that ship with the program (security.md §3), as data like any other role; they can be copied, not edited.</summary>
internal static class BuiltInRoles
{
    private static readonly string[] Read = ["read", "vread", "search", "history"];
    private static readonly string[] Edit = [.. Read, "create", "update", "patch"];
    private static readonly string[] All = [.. Edit, "delete"];

    /// <summary>Who and where the practice is, and the definitions it works with: no patient's data.</summary>
    private static readonly string[] Directory =
    [
        "Practitioner", "PractitionerRole", "Organization", "OrganizationAffiliation", "Location", "HealthcareService", "Endpoint", "Medication", "MedicationKnowledge", "Substance",
        "InsurancePlan", "Questionnaire", "PlanDefinition", "ActivityDefinition", "Library", "Measure", "CodeSystem", "ValueSet", "ConceptMap", "NamingSystem", "StructureDefinition",
        "StructureMap", "SearchParameter", "OperationDefinition", "CapabilityStatement", "CompartmentDefinition", "ImplementationGuide", "GraphDefinition", "MessageDefinition",
        "TerminologyCapabilities", "ChargeItemDefinition",
    ];

    private static readonly string[] Scheduling = ["Appointment", "AppointmentResponse", "Slot", "Schedule"];
    private static readonly string[] Demographics = ["Patient", "RelatedPerson", "Person", "Coverage"];

    private static readonly string[] Clinical =
    [
        "AdverseEvent", "AllergyIntolerance", "Binary", "BodyStructure", "CarePlan", "CareTeam", "ClinicalImpression", "Communication", "CommunicationRequest", "Composition", "Condition",
        "Consent", "DetectedIssue", "Device", "DeviceMetric", "DeviceRequest", "DeviceUseStatement", "DiagnosticReport", "DocumentManifest", "DocumentReference", "Encounter", "EpisodeOfCare",
        "FamilyMemberHistory", "Flag", "Goal", "Group", "GuidanceResponse", "ImagingStudy", "Immunization", "ImmunizationEvaluation", "ImmunizationRecommendation", "List", "MeasureReport", "Media",
        "MedicationAdministration", "MedicationDispense", "MedicationRequest", "MedicationStatement", "MolecularSequence", "NutritionOrder", "Observation", "Procedure", "Provenance",
        "QuestionnaireResponse", "RequestGroup", "RiskAssessment", "ServiceRequest", "Specimen", "SupplyDelivery", "SupplyRequest", "Task", "VisionPrescription",
    ];

    private static readonly string[] Billing =
    [
        "Account", "ChargeItem", "Claim", "ClaimResponse", "Contract", "CoverageEligibilityRequest", "CoverageEligibilityResponse", "EnrollmentRequest", "EnrollmentResponse",
        "ExplanationOfBenefit", "Invoice", "PaymentNotice", "PaymentReconciliation",
    ];

    /// <summary>What a biller sees of a visit: when, where, by whom, what for; not what was found and said.</summary>
    private static readonly Permission[] BillableFacts =
    [
        new("Encounter", Read) { Include = ["identifier", "status", "class", "type", "serviceType", "subject", "participant", "period", "diagnosis", "location", "serviceProvider", "account", "hospitalization"] },
        new("Condition", Read) { Include = ["identifier", "clinicalStatus", "verificationStatus", "category", "code", "subject", "encounter", "onset", "recordedDate"] },
        new("Procedure", Read) { Include = ["identifier", "status", "category", "code", "subject", "encounter", "performed", "performer", "location", "reasonCode", "reasonReference", "bodySite"] },
        new("ServiceRequest", Read) { Include = ["identifier", "status", "intent", "code", "subject", "encounter", "requester", "insurance"] },
        new("Task", Edit),
        new("Communication", Edit) { Where = "category=urn:fhiremr:category|billing" },
    ];

    private static readonly string[] ClaimWork =
    [
        "operation:claim", "operation:scrub", "operation:rescrub", "operation:let-stand", "operation:bill-next", "operation:self-pay", "operation:bill-insurance", "operation:replace", "operation:submit", "operation:inquire", "operation:em-level",
        "operation:evidence", "operation:eligibility", "operation:estimate", "operation:status",
    ];

    private static readonly string[] MoneyWork = ["operation:balance", "operation:post-payment", "operation:payment-plan"];

    /// <summary>Denials and papers. An appeal and its packet quote the signed note of the visit that the payer asks about; nothing else of the chart.</summary>
    private static readonly string[] DenialWork =
    [
        "operation:appeal", "operation:assign", "operation:resolve", "operation:work-next", "operation:denial-patterns", "operation:appeal-packet", "operation:superbill", "operation:cms1500",
        "operation:statement",
    ];

    private static readonly Permission[] BillerWork =
    [
        .. Each(Directory, Read), .. Each(Demographics, [.. Read, "update", "patch"]), .. Each(["Coverage"], Edit), .. Each(Scheduling, Read), .. BillableFacts, .. Each(Billing, Edit),
        new("Provenance", ["create"]), new("Basic", Read) { Where = "code=urn:fhiremr:ledger|journal-entry" }, new("DocumentReference", [.. Edit]) { Where = "category=urn:fhiremr:category|billing" },
    ];

    public static RoleDefinition FrontDesk { get; } = BuiltIn("front-desk", "Front desk",
    [
        .. Each(Directory, Read), .. Each(Scheduling, [.. All]), .. Each(Demographics, Edit),
        new("Encounter", Read) { Include = ["identifier", "status", "class", "type", "subject", "participant", "period", "location", "appointment", "serviceProvider"] },
        .. Each(["CoverageEligibilityRequest"], Edit), .. Each(["CoverageEligibilityResponse", "Account"], Read), new("Invoice", Read), new("PaymentNotice", [.. Read, "create"]),
        new("*", ["operation:match", "operation:balance", "operation:eligibility", "operation:estimate"]), new("*", ["operation:post-payment"]) { LimitUsd = 2_500 },
    ]);

    public static RoleDefinition Clinician { get; } = BuiltIn("clinician", "Clinician",
    [
        .. Each(Directory, Read), .. Each(Clinical, Edit), .. Each(Scheduling, [.. Read, "update", "patch"]), .. Each(Demographics, [.. Read, "update", "patch"]),
        .. Each(["ChargeItem"], Edit), .. Each(["Claim", "ClaimResponse", "Account"], Read),
        new("*", ["label.read:R", "breakglass", "operation:match", "operation:evidence", "operation:em-level", "operation:import-ccda", "operation:hl7v2-order"]),
    ]);

    public static RoleDefinition Nurse { get; } = BuiltIn("nurse", "Nurse",
    [
        .. Each(Directory, Read), .. Each(Clinical, Read), .. Each(["AllergyIntolerance", "Immunization", "ImmunizationRecommendation", "MedicationAdministration", "Task", "Communication", "QuestionnaireResponse"], Edit),
        new("Observation", ["create", "update", "patch"]) { Where = "category=vital-signs,survey,social-history" },
        .. Each(Scheduling, [.. Read, "update", "patch"]), .. Each(Demographics, [.. Read, "update", "patch"]),
        new("*", ["label.read:R", "breakglass", "operation:match"]),
    ]);

    public static RoleDefinition Coder { get; } = BuiltIn("coder", "Coder",
    [
        .. Each(Directory, Read), .. Each(Clinical, Read), .. Each(Demographics, Read), .. Each(Scheduling, Read), .. Each(Billing, Read),
        new("Claim", ["update", "patch"]) { Where = "status=draft" }, .. Each(["ChargeItem"], Edit), new("Task", Edit),
        new("*", ["operation:em-level", "operation:assign", "operation:work-next", "operation:denial-patterns", "operation:superbill", "operation:cms1500"]),
    ]);

    public static RoleDefinition Biller { get; } = BuiltIn("biller", "Biller",
    [
        .. BillerWork,
        new("*", ["claim.submit", "era.post", .. ClaimWork, .. MoneyWork, .. DenialWork]) { LimitUsd = 5_000 },
    ]);

    public static RoleDefinition BillingManager { get; } = BuiltIn("billing-manager", "Billing manager",
    [
        .. BillerWork, new("MeasureReport", Read),
        new("*", ["claim.submit", "claim.void", "writeoff", "refund", "era.post", "job.manage", "operation:delete-impact", .. ClaimWork, .. MoneyWork, .. DenialWork, "operation:accept-pattern", "operation:kpi"]),
    ]);

    public static RoleDefinition PracticeAdmin { get; } = BuiltIn("practice-admin", "Practice administrator",
    [
        .. Each(Directory, All), .. Each(Scheduling, All), .. Each(Demographics, All), .. Each(["Subscription"], All),
        new("*", ["admin.users", "admin.roles", "admin.clients", "admin.config", "job.manage", "export.user", "operation:reindex", "operation:explain", "operation:verify", "operation:delete-impact", "operation:kpi", "operation:kpi-rebuild"]),
    ]);

    public static RoleDefinition Auditor { get; } = BuiltIn("auditor", "Auditor",
    [
        new("AuditEvent", Read), .. Each(Directory, Read),
        new("*", ["audit.read", "audit.verify", "operation:who-accessed"]),
    ]);

    public static RoleDefinition Patient { get; } = BuiltIn("patient", "Patient",
    [
        .. Each(Directory, Read), .. Each([.. Clinical, .. Demographics, .. Scheduling], Read, "self"),
        .. Each(["Account", "ClaimResponse", "ExplanationOfBenefit", "Invoice", "PaymentNotice", "CoverageEligibilityResponse"], Read, "self"),
        .. Each(["QuestionnaireResponse", "Communication"], ["create", "update"], "self"),
        new("Appointment", ["create"]) { Compartment = "self", Where = "status=proposed,pending" }, // a request: the practice books
        .. Each(["DocumentReference"], ["create"], "self"),
        new("*", ["label.read:R", "label.read:V", "operation:who-accessed"]),
    ]);

    /// <summary>A back-end client: its scopes alone bound it, and whatever narrower role it is given instead.</summary>
    public static RoleDefinition SystemClient { get; } = BuiltIn("system-client", "System client", [new("*", [.. All, "export", "import"])]);

    /// <summary>Everything there is, for the first minutes of an empty server and for the demo.</summary>
    public static RoleDefinition Superuser { get; } = BuiltIn("superuser", "Everything",
    [
        new("*", [.. All, "export", "import"]),
        new("*",
        [
            "admin.users", "admin.roles", "admin.clients", "admin.config", "audit.read", "audit.verify", "label.write", "label.read:R", "label.read:V", "breakglass", "era.post", "claim.submit",
            "claim.void", "writeoff", "refund", "job.manage", "export.user", "operation:*",
        ]),
    ]);

    public static IReadOnlyList<RoleDefinition> List { get; } =
        [FrontDesk, Clinician, Nurse, Coder, Biller, BillingManager, PracticeAdmin, Auditor, Patient, SystemClient, Superuser];

    private static RoleDefinition BuiltIn(string name, string title, IReadOnlyList<Permission> permissions) => new(name, title, permissions) { IsBuiltIn = true };

    private static IEnumerable<Permission> Each(IEnumerable<string> types, string[] interactions, string? compartment = null) =>
        types.Select(type => new Permission(type, interactions) { Compartment = compartment });
}
