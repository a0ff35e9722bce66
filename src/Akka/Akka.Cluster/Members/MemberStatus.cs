namespace Akka.Cluster;

/// <summary>Where a member is in its life.</summary>
public enum MemberStatus
{
    /// <summary>It asked to be in.</summary>
    Joining = 0,

    /// <summary>It is in.</summary>
    Up = 1,

    /// <summary>It asked to go.</summary>
    Leaving = 2,

    /// <summary>Everybody knows that it goes.</summary>
    Exiting = 3,

    /// <summary>It was declared dead.</summary>
    Down = 4,

    /// <summary>It is gone, for ever: this incarnation does not come back.</summary>
    Removed = 5,

    /// <summary>It works, but not everybody could be told yet.</summary>
    WeaklyUp = 6,
}
