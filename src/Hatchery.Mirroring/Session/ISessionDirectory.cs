using Hatchery.Disks;

namespace Hatchery.Mirroring;

/// <summary>The farm database and the device's keeper, as a streamer reaches them. No call fails: what did not come is <see cref="RowAnswer.Unknown"/>. Each is bounded in time.</summary>
public interface ISessionDirectory
{
    /// <summary>Compare-and-swap on the row's revision.</summary>
    Task<RowAnswer> SwapAsync(SessionRow row);

    Task<RowAnswer> ReadAsync(DeviceId device);

    /// <summary>Whether the store of a server has room for writes, as far as is known. Answers at once.</summary>
    bool HasRoomAt(string server);

    /// <summary>Asks the keeper for a server that may hold a further copy.</summary>
    /// <param name="except">None of these.</param>
    /// <returns>Null: there is none now, or nobody answers.</returns>
    Task<string?> ChooseMemberAsync(DeviceId device, Epoch epoch, IReadOnlyCollection<string> except);

    /// <summary>Asks the keeper to add a server that has everything, at this revision of the row only.</summary>
    Task<RowAnswer> AddMemberAsync(DeviceId device, Epoch epoch, string server, long revision);
}
