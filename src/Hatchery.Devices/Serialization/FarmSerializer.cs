using System.Collections.Frozen;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using Akka.Actor;
using Akka.Serialization;

namespace Hatchery.Devices;

/// <summary>
/// The farm's one serializer: JSON with a short manifest, so that a person can read a journal row. A manifest never
/// changes its meaning; unknown fields are skipped, so a server of the version before reads what this one sends.
/// </summary>
public sealed class FarmSerializer(ExtendedActorSystem system) : SerializerWithStringManifest(system)
{
    private static readonly (string Manifest, JsonTypeInfo Shape)[] s_shapes =
    [
        Entry("device-added", FarmJson.Default.DeviceAdded),
        Entry("vdisk-assigned", FarmJson.Default.VDiskAssigned),
        Entry("vdisk-unassigned", FarmJson.Default.VDiskUnassigned),
        Entry("boot-started", FarmJson.Default.BootStarted),
        Entry("session-reopened", FarmJson.Default.SessionReopened),
        Entry("phase-changed", FarmJson.Default.PhaseChanged),
        Entry("device-removed", FarmJson.Default.DeviceRemoved),
        Entry("vdisk-created", FarmJson.Default.VDiskCreated),
        Entry("version-added", FarmJson.Default.VersionAdded),
        Entry("version-taken", FarmJson.Default.VersionTaken),
        Entry("version-released", FarmJson.Default.VersionReleased),
        Entry("vdisk-removed", FarmJson.Default.VDiskRemoved),
        Entry("add-device", FarmJson.Default.AddDevice),
        Entry("assign-vdisk", FarmJson.Default.AssignVDisk),
        Entry("unassign-vdisk", FarmJson.Default.UnassignVDisk),
        Entry("let-go-version", FarmJson.Default.LetGoVersion),
        Entry("remove-device", FarmJson.Default.RemoveDevice),
        Entry("open-session", FarmJson.Default.OpenSession),
        Entry("confirm-session", FarmJson.Default.ConfirmSession),
        Entry("report-phase", FarmJson.Default.ReportPhase),
        Entry("choose-member", FarmJson.Default.ChooseMember),
        Entry("add-member", FarmJson.Default.AddMember),
        Entry("member-choice", FarmJson.Default.MemberChoice),
        Entry("session-grant", FarmJson.Default.SessionGrant),
        Entry("version-created", FarmJson.Default.VersionCreated),
        Entry("version-promoted", FarmJson.Default.VersionPromoted),
        Entry("production-reverted", FarmJson.Default.ProductionReverted),
        Entry("promotion-scheduled", FarmJson.Default.PromotionScheduled),
        Entry("promotion-cancelled", FarmJson.Default.PromotionCancelled),
        Entry("collection-pinned", FarmJson.Default.CollectionPinned),
        Entry("version-deleted", FarmJson.Default.VersionDeleted),
        Entry("add-version", FarmJson.Default.AddVersion),
        Entry("promote-version", FarmJson.Default.PromoteVersion),
        Entry("promote-due", FarmJson.Default.PromoteDue),
        Entry("canary-started", FarmJson.Default.CanaryStarted),
        Entry("canary-tried", FarmJson.Default.CanaryTried),
        Entry("canary-counted", FarmJson.Default.CanaryCounted),
        Entry("canary-proven", FarmJson.Default.CanaryProven),
        Entry("canary-ended", FarmJson.Default.CanaryEnded),
        Entry("start-canary", FarmJson.Default.StartCanary),
        Entry("try-canary", FarmJson.Default.TryCanary),
        Entry("judge-canary", FarmJson.Default.JudgeCanary),
        Entry("revert-version", FarmJson.Default.RevertVersion),
        Entry("pin-collection", FarmJson.Default.PinCollection),
        Entry("delete-version", FarmJson.Default.DeleteVersion),
        Entry("maintenance-opened", FarmJson.Default.MaintenanceOpened),
        Entry("maintenance-taken", FarmJson.Default.MaintenanceTaken),
        Entry("making-begun", FarmJson.Default.MakingBegun),
        Entry("making-claimed", FarmJson.Default.MakingClaimed),
        Entry("making-ended", FarmJson.Default.MakingEnded),
        Entry("merge-limit-set", FarmJson.Default.MergeLimitSet),
        Entry("open-maintenance", FarmJson.Default.OpenMaintenance),
        Entry("close-maintenance", FarmJson.Default.CloseMaintenance),
        Entry("make-version", FarmJson.Default.MakeVersion),
        Entry("claim-making", FarmJson.Default.ClaimMaking),
        Entry("end-making", FarmJson.Default.EndMaking),
        Entry("set-merge-limit", FarmJson.Default.SetMergeLimit),
        Entry("vdisk-locked", FarmJson.Default.VDiskLocked),
        Entry("vdisk-unlocked", FarmJson.Default.VDiskUnlocked),
        Entry("hold-lock", FarmJson.Default.HoldLock),
        Entry("unlock-vdisk", FarmJson.Default.UnlockVDisk),
        Entry("add-vdisk", FarmJson.Default.AddVDisk),
        Entry("clone-vdisk", FarmJson.Default.CloneVDisk),
        Entry("confirm-version", FarmJson.Default.ConfirmVersion),
        Entry("rename-vdisk", FarmJson.Default.RenameVDisk),
        Entry("vdisk-renamed", FarmJson.Default.VDiskRenamed),
        Entry("take-version", FarmJson.Default.TakeVersion),
        Entry("release-version", FarmJson.Default.ReleaseVersion),
        Entry("remove-vdisk", FarmJson.Default.RemoveVDisk),
        Entry("version-grant", FarmJson.Default.VersionGrant),
        Entry("device-state", FarmJson.Default.DeviceState),
        Entry("vdisk-state", FarmJson.Default.VDiskState),
        Entry("site-created", FarmJson.Default.SiteCreated),
        Entry("site-changed", FarmJson.Default.SiteChanged),
        Entry("site-removed", FarmJson.Default.SiteRemoved),
        Entry("collection-created", FarmJson.Default.CollectionCreated),
        Entry("collection-changed", FarmJson.Default.CollectionChanged),
        Entry("collection-removed", FarmJson.Default.CollectionRemoved),
        Entry("unknown-rule-added", FarmJson.Default.UnknownRuleAdded),
        Entry("unknown-rule-moved", FarmJson.Default.UnknownRuleMoved),
        Entry("unknown-rule-removed", FarmJson.Default.UnknownRuleRemoved),
        Entry("create-site", FarmJson.Default.CreateSite),
        Entry("change-site", FarmJson.Default.ChangeSite),
        Entry("remove-site", FarmJson.Default.RemoveSite),
        Entry("create-collection", FarmJson.Default.CreateCollection),
        Entry("change-collection", FarmJson.Default.ChangeCollection),
        Entry("remove-collection", FarmJson.Default.RemoveCollection),
        Entry("add-unknown-rule", FarmJson.Default.AddUnknownRule),
        Entry("move-unknown-rule", FarmJson.Default.MoveUnknownRule),
        Entry("remove-unknown-rule", FarmJson.Default.RemoveUnknownRule),
        Entry("device-moved", FarmJson.Default.DeviceMoved),
        Entry("device-settings-changed", FarmJson.Default.DeviceSettingsChanged),
        Entry("move-device", FarmJson.Default.MoveDevice),
        Entry("change-device-settings", FarmJson.Default.ChangeDeviceSettings),
        Entry("device-placed", FarmJson.Default.DevicePlaced),
        Entry("place-device", FarmJson.Default.PlaceDevice),
        Entry("secret-set", FarmJson.Default.SecretSet),
        Entry("secrets-removed", FarmJson.Default.SecretsRemoved),
        Entry("secrets-released", FarmJson.Default.SecretsReleased),
        Entry("set-secret", FarmJson.Default.SetSecret),
        Entry("remove-secrets", FarmJson.Default.RemoveSecrets),
        Entry("release-secrets", FarmJson.Default.ReleaseSecrets),
        Entry("secrets-grant", FarmJson.Default.SecretsGrant),
        Entry("capture-ordered", FarmJson.Default.CaptureOrdered),
        Entry("capture-ended", FarmJson.Default.CaptureEnded),
        Entry("order-capture", FarmJson.Default.OrderCapture),
        Entry("end-capture", FarmJson.Default.EndCapture),
        Entry("policy-state", FarmJson.Default.PolicyState),
        Entry("server-drained", FarmJson.Default.ServerDrained),
        Entry("server-resumed", FarmJson.Default.ServerResumed),
        Entry("drain-server", FarmJson.Default.DrainServer),
        Entry("resume-server", FarmJson.Default.ResumeServer),
        Entry("server-status", FarmJson.Default.ServerStatus),
        Entry("take-session", FarmJson.Default.TakeSession),
        Entry("find-shard", FarmJson.Default.FindShard),
        Entry("elsewhere", FarmJson.Default.Elsewhere),
        Entry("done", FarmJson.Default.Done),
        Entry("refused", FarmJson.Default.Refused),
    ];

    private static readonly FrozenDictionary<Type, (string Manifest, JsonTypeInfo Shape)> s_byType =
        s_shapes.ToFrozenDictionary(s => s.Shape.Type);

    private static readonly FrozenDictionary<string, JsonTypeInfo> s_byManifest = s_shapes.ToFrozenDictionary(
        s => s.Manifest,
        s => s.Shape,
        StringComparer.Ordinal
    );

    /// <summary>Fixed for ever: it stands in every journal row.</summary>
    public override int Identifier => 7301;

    public override string Manifest(object o) => Shape(o).Manifest;

    public override byte[] ToBinary(object obj) => JsonSerializer.SerializeToUtf8Bytes(obj, Shape(obj).Shape);

    public override object FromBinary(byte[] bytes, string manifest) =>
        s_byManifest.TryGetValue(manifest, out var shape)
            ? JsonSerializer.Deserialize(bytes, shape) ?? throw new JsonException($"{manifest}: null")
            : throw new JsonException(
                $"no farm message has the manifest '{manifest}': was it written by a newer server?"
            );

    internal static IEnumerable<string> Manifests => s_byManifest.Keys;

    private static (string Manifest, JsonTypeInfo Shape) Shape(object o) =>
        s_byType.TryGetValue(o.GetType(), out var shape)
            ? shape
            : throw new ArgumentException($"{o.GetType()} is no message of the farm's", nameof(o));

    private static (string, JsonTypeInfo) Entry(string manifest, JsonTypeInfo shape) => (manifest, shape);
}
