import { UseInterceptors } from '@nestjs/common';
import { LoginLimitsInterceptor } from './login-limits.interceptor.js';
import { PasswordLimitInterceptor } from './password-limit.interceptor.js';
import { OperationsLimitInterceptor } from './operations-limit.interceptor.js';
import { RegistrationLimitInterceptor } from './registration-limit.interceptor.js';

/** Limits failed logins; the route takes a body with an `email`, and answers invalid-credentials. */
export const LimitLogins = (): MethodDecorator => UseInterceptors(LoginLimitsInterceptor);

/** Limits registrations from one address. */
export const LimitRegistrations = (): MethodDecorator =>
  UseInterceptors(RegistrationLimitInterceptor);

/** Limits wrong passwords of whoever is logged in; the route answers wrong-password. */
export const LimitPasswords = (): MethodDecorator => UseInterceptors(PasswordLimitInterceptor);

/** Counts a request of many `operations` as several of the API; the route is not for strangers. */
export const CountOperations = (): MethodDecorator => UseInterceptors(OperationsLimitInterceptor);
