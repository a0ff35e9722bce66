namespace Hatchery.Boot.Dhcp;

public enum LeaseState
{
    /// <summary>Held for a short time for the machine that it was offered to.</summary>
    Offered,
    Bound,

    /// <summary>Given back; kept so that the machine gets it again if nobody else needs it.</summary>
    Released,

    /// <summary>Set aside: the machine that had it found that somebody else uses it.</summary>
    Declined,

    /// <summary>Set aside: it answered a ping while nobody had it.</summary>
    InUse,
}
