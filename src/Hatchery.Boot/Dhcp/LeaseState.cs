namespace Hatchery.Boot.Dhcp;

public enum LeaseState
{
    /// <summary>Held for a short time for the machine that it was offered to.</summary>
    Offered,
    Bound,

    /// <summary>Given back; kept so that the machine gets it again if nobody else needs it.</summary>
    Released,

    /// <summary>Somebody uses it who has no lease.</summary>
    Declined,
}
