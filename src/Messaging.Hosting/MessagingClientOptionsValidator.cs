using Microsoft.Extensions.Options;

namespace Messaging.Hosting;

/// <summary>Finds wrong options when the host starts, not when the first message is sent.</summary>
internal sealed class MessagingClientOptionsValidator : IValidateOptions<MessagingClientOptions>
{
    public ValidateOptionsResult Validate(string? name, MessagingClientOptions options)
    {
        try
        {
            options.Validate();
            return ValidateOptionsResult.Success;
        }
        catch (Exception exception) when (exception is ArgumentException or FormatException)
        {
            string which = string.IsNullOrEmpty(name) ? "the messaging client" : $"the messaging client '{name}'";
            return ValidateOptionsResult.Fail($"The options of {which} are wrong. {exception.Message}");
        }
    }
}
