using System.Net;
using System.Text.Json.Serialization;
using Hatchery.Disks;
using Hatchery.Wire;
using Hatchery.Wire.Dhcp;

namespace Hatchery.Devices;

/// <summary>How the farm's events, messages and checkpoints are written: camel-case JSON, enumerations by name.</summary>
[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase,
    UseStringEnumConverter = true,
    Converters = [
        typeof(ParsableJsonConverter<DeviceId>),
        typeof(ParsableJsonConverter<VDiskId>),
        typeof(ParsableJsonConverter<LayerId>),
        typeof(ParsableJsonConverter<BootId>),
        typeof(ParsableJsonConverter<MacAddress>),
        typeof(ParsableJsonConverter<SiteId>),
        typeof(ParsableJsonConverter<CollectionId>),
        typeof(ParsableJsonConverter<MacPattern>),
        typeof(ParsableJsonConverter<ClientArchitecture>),
        typeof(ParsableJsonConverter<IPNetwork>),
        typeof(DhcpOptionsJsonConverter),
        typeof(EpochJsonConverter),
    ]
)]
[JsonSerializable(typeof(DeviceAdded))]
[JsonSerializable(typeof(VDiskAssigned))]
[JsonSerializable(typeof(VDiskUnassigned))]
[JsonSerializable(typeof(BootStarted))]
[JsonSerializable(typeof(SessionReopened))]
[JsonSerializable(typeof(PhaseChanged))]
[JsonSerializable(typeof(DeviceRemoved))]
[JsonSerializable(typeof(VDiskCreated))]
[JsonSerializable(typeof(VDiskRenamed))]
[JsonSerializable(typeof(VersionAdded))]
[JsonSerializable(typeof(VersionTaken))]
[JsonSerializable(typeof(VersionReleased))]
[JsonSerializable(typeof(VDiskRemoved))]
[JsonSerializable(typeof(AddDevice))]
[JsonSerializable(typeof(AssignVDisk))]
[JsonSerializable(typeof(UnassignVDisk))]
[JsonSerializable(typeof(LetGoVersion))]
[JsonSerializable(typeof(RemoveDevice))]
[JsonSerializable(typeof(OpenSession))]
[JsonSerializable(typeof(ConfirmSession))]
[JsonSerializable(typeof(ReportPhase))]
[JsonSerializable(typeof(ChooseMember))]
[JsonSerializable(typeof(AddMember))]
[JsonSerializable(typeof(MemberChoice))]
[JsonSerializable(typeof(SessionGrant))]
[JsonSerializable(typeof(VersionCreated))]
[JsonSerializable(typeof(VersionPromoted))]
[JsonSerializable(typeof(ProductionReverted))]
[JsonSerializable(typeof(PromotionScheduled))]
[JsonSerializable(typeof(PromotionCancelled))]
[JsonSerializable(typeof(CollectionPinned))]
[JsonSerializable(typeof(VersionDeleted))]
[JsonSerializable(typeof(AddVersion))]
[JsonSerializable(typeof(PromoteVersion))]
[JsonSerializable(typeof(PromoteDue))]
[JsonSerializable(typeof(RevertVersion))]
[JsonSerializable(typeof(PinCollection))]
[JsonSerializable(typeof(DeleteVersion))]
[JsonSerializable(typeof(MaintenanceOpened))]
[JsonSerializable(typeof(MaintenanceTaken))]
[JsonSerializable(typeof(MakingBegun))]
[JsonSerializable(typeof(MakingClaimed))]
[JsonSerializable(typeof(MakingEnded))]
[JsonSerializable(typeof(MergeLimitSet))]
[JsonSerializable(typeof(OpenMaintenance))]
[JsonSerializable(typeof(CloseMaintenance))]
[JsonSerializable(typeof(MakeVersion))]
[JsonSerializable(typeof(ClaimMaking))]
[JsonSerializable(typeof(EndMaking))]
[JsonSerializable(typeof(SetMergeLimit))]
[JsonSerializable(typeof(VDiskLocked))]
[JsonSerializable(typeof(VDiskUnlocked))]
[JsonSerializable(typeof(HoldLock))]
[JsonSerializable(typeof(UnlockVDisk))]
[JsonSerializable(typeof(AddVDisk))]
[JsonSerializable(typeof(CloneVDisk))]
[JsonSerializable(typeof(ConfirmVersion))]
[JsonSerializable(typeof(RenameVDisk))]
[JsonSerializable(typeof(TakeVersion))]
[JsonSerializable(typeof(ReleaseVersion))]
[JsonSerializable(typeof(RemoveVDisk))]
[JsonSerializable(typeof(VersionGrant))]
[JsonSerializable(typeof(Reply.Done))]
[JsonSerializable(typeof(Reply.Refused))]
[JsonSerializable(typeof(DeviceState))]
[JsonSerializable(typeof(VDiskState))]
[JsonSerializable(typeof(SiteCreated))]
[JsonSerializable(typeof(SiteChanged))]
[JsonSerializable(typeof(SiteRemoved))]
[JsonSerializable(typeof(CollectionCreated))]
[JsonSerializable(typeof(CollectionChanged))]
[JsonSerializable(typeof(CollectionRemoved))]
[JsonSerializable(typeof(UnknownRuleAdded))]
[JsonSerializable(typeof(UnknownRuleMoved))]
[JsonSerializable(typeof(UnknownRuleRemoved))]
[JsonSerializable(typeof(CreateSite))]
[JsonSerializable(typeof(ChangeSite))]
[JsonSerializable(typeof(RemoveSite))]
[JsonSerializable(typeof(CreateCollection))]
[JsonSerializable(typeof(ChangeCollection))]
[JsonSerializable(typeof(RemoveCollection))]
[JsonSerializable(typeof(AddUnknownRule))]
[JsonSerializable(typeof(MoveUnknownRule))]
[JsonSerializable(typeof(RemoveUnknownRule))]
[JsonSerializable(typeof(DeviceMoved))]
[JsonSerializable(typeof(DeviceSettingsChanged))]
[JsonSerializable(typeof(MoveDevice))]
[JsonSerializable(typeof(DevicePlaced))]
[JsonSerializable(typeof(PlaceDevice))]
[JsonSerializable(typeof(ChangeDeviceSettings))]
[JsonSerializable(typeof(ServerDrained))]
[JsonSerializable(typeof(ServerResumed))]
[JsonSerializable(typeof(FindShard))]
[JsonSerializable(typeof(DrainServer))]
[JsonSerializable(typeof(ResumeServer))]
[JsonSerializable(typeof(ServerStatus))]
[JsonSerializable(typeof(TakeSession))]
[JsonSerializable(typeof(Reply.Elsewhere))]
[JsonSerializable(typeof(PolicyState))]
[JsonSerializable(typeof(PersonalityStrings))]
[JsonSerializable(typeof(FarmCheckpoint))]
internal sealed partial class FarmJson : JsonSerializerContext;
