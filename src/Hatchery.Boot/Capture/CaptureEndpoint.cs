using System.Buffers;
using System.Net;
using Hatchery.Boot.Net;
using Hatchery.Devices;
using Hatchery.Disks;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.Extensions.Logging;

namespace Hatchery.Boot.Http;

/// <summary>
/// Where machines send their disks: <c>POST /capture/{target}</c> with a <see cref="CaptureHello"/>, then <c>PUT /capture/{target}/{chunk}?sha256=HEX</c> with each
/// chunk of 4 MiB in turn, or <c>?zeroes=COUNT</c> and nothing, then <c>POST /capture/{target}/end</c> until that is over. <c>{target}</c> is the name
/// of the machine's disk with the nonce of its boot script. A machine that asks first (<c>Expect: 100-continue</c>) does not send what is here already.
/// </summary>
public sealed class CaptureEndpoint(
    IFarmView view,
    BootNonce nonces,
    Captures captures,
    ILogger<CaptureEndpoint> logger
)
{
    public void Map(WebApplication http)
    {
        http.MapPost("/capture/{target}", BeginAsync);
        http.MapPut("/capture/{target}/{chunk:long}", TakeAsync);
        http.MapPost("/capture/{target}/end", EndAsync);
    }

    private async Task<IResult> BeginAsync(HttpContext context, string target)
    {
        var bytes = ArrayPool<byte>.Shared.Rent(CaptureHello.LengthMax);
        try
        {
            // First, whoever asks: an answer to what is not read yet may cost the connection.
            var length = context.Request.ContentLength is > 0 and <= CaptureHello.LengthMax and var given
                ? (int)given
                : 0;
            var isRead = await IsReadAsync(context, bytes.AsMemory(0, length), context.RequestAborted);
            if (Find(context, target, out var boot, out var refused) is not { } device)
                return refused;
            return isRead && CaptureHello.TryRead(bytes.AsSpan(0, length), out var hello)
                ? Say(context, await captures.BeginAsync(device, boot, hello!))
                : Say(context, new(StatusCodes.Status400BadRequest, "this tells of no disk"));
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(bytes);
        }
    }

    private async Task<IResult> TakeAsync(HttpContext context, string target, long chunk, string? sha256, int? zeroes)
    {
        if (Find(context, target, out var boot, out var refused) is not { } device)
            return refused;
        if (captures.Find(device, boot, out var none) is not { } running)
            return Say(context, none);
        using var entered = running.TryEnter();
        if (entered is null || running.Image is not { } image)
            return Say(context, CaptureAnswer.Again("its last request is still under way"));
        if (running.Finishing is not null)
            return Say(context, CaptureAnswer.StartOver("all of it is here"));
        if (zeroes is { } count)
            return Say(context, await AnswerAsync(device, running, image.TakeZeroes(chunk, count)));
        var hash = new byte[ImageChunks.HashBytes];
        if (
            sha256?.Length != 2 * hash.Length
            || Convert.FromHexString(sha256, hash, out _, out _) != OperationStatus.Done
        )
            return Say(context, new(StatusCodes.Status400BadRequest, "a chunk comes with its sha256"));
        if (image.Has(chunk, hash))
            return Say(context, CaptureAnswer.Taken);
        if (context.Request.ContentLength is not (> 0 and <= ImageChunks.ChunkBytes and var length))
            return Say(context, new(StatusCodes.Status400BadRequest, "a chunk has up to 4 MiB"));
        var bytes = ArrayPool<byte>.Shared.Rent(ImageChunks.ChunkBytes);
        try
        {
            using var ending = CancellationTokenSource.CreateLinkedTokenSource(context.RequestAborted, running.Ending);
            return await IsReadAsync(context, bytes.AsMemory(0, (int)length), ending.Token)
                ? Say(
                    context,
                    await AnswerAsync(device, running, image.Take(chunk, hash, bytes.AsSpan(0, (int)length)))
                )
                : Say(context, CaptureAnswer.Again("it was cut off"));
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(bytes);
        }
    }

    private async Task<IResult> EndAsync(HttpContext context, string target) =>
        Find(context, target, out var boot, out var refused) is not { } device ? refused
        : captures.Find(device, boot, out var none) is { } running
            ? Say(context, await captures.EndAsync(device, running))
        : Say(context, none);

    /// <summary>A chunk out of turn has its machine begin again; what this server cannot keep ends the capture.</summary>
    private async Task<CaptureAnswer> AnswerAsync(DeviceState device, RunningCapture running, StoreFault? fault) =>
        fault switch
        {
            null => CaptureAnswer.Taken,
            { Kind: StoreFaultKind.Refused } => CaptureAnswer.Refused(fault.Detail),
            _ => await captures.FailAsync(device, running.Order, fault.ToString()),
        };

    private DeviceState? Find(HttpContext context, string target, out BootId boot, out IResult refused)
    {
        var device = MachineProof.Find(view.Current, nonces, target, out var why);
        refused = device is null ? Say(context, new(StatusCodes.Status403Forbidden, why!)) : Results.Empty;
        boot = TargetName.TryParse(target, out var name) ? name.Boot.GetValueOrDefault() : default;
        return device;
    }

    private IResult Say(HttpContext context, CaptureAnswer answer)
    {
        if (answer.Status is >= 400 and < 500)
            logger.CaptureRefused(context.Connection.RemoteIpAddress.Unmapped() ?? IPAddress.None, answer.Text);
        return Results.Text(answer.Text + "\n", statusCode: answer.Status);
    }

    private static async Task<bool> IsReadAsync(HttpContext context, Memory<byte> into, CancellationToken cancellation)
    {
        if (context.Features.Get<IHttpMaxRequestBodySizeFeature>() is { IsReadOnly: false } bound)
            bound.MaxRequestBodySize = into.Length;
        try
        {
            await context.Request.Body.ReadExactlyAsync(into, cancellation);
            return true;
        }
        catch (Exception cut) when (cut is IOException or OperationCanceledException)
        {
            return false;
        }
    }
}
