using Microsoft.AspNetCore.Http;

namespace Hatchery.Boot;

/// <summary>What a machine that sends its disk hears: a status of HTTP, by which it goes on, and a sentence for its console.</summary>
public readonly record struct CaptureAnswer(int Status, string Text)
{
    /// <summary>It is taken.</summary>
    public static CaptureAnswer Taken { get; } = new(StatusCodes.Status200OK, "taken");

    /// <summary>The same request again, in a second.</summary>
    public static CaptureAnswer Again(string why) => new(StatusCodes.Status503ServiceUnavailable, why);

    /// <summary>From the first chunk on again: what is here already need not be sent.</summary>
    public static CaptureAnswer StartOver(string why) => new(StatusCodes.Status409Conflict, why);

    /// <summary>All of it is here, and is being looked at.</summary>
    public static CaptureAnswer Wait(string how) => new(StatusCodes.Status202Accepted, how);

    /// <summary>The vDisk is there, or nothing will come of it.</summary>
    public static CaptureAnswer Over(string how) => new(StatusCodes.Status410Gone, how);

    /// <summary>It is not what a capture wants.</summary>
    public static CaptureAnswer Refused(string why) => new(StatusCodes.Status422UnprocessableEntity, why);
}
